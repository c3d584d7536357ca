package io.github.asyncio4j.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code 100ms}, {@code 2s}, {@code 1.5m}, {@code 1h}: a number and its unit. Zero may go without one. */
final class DurationConverter implements ITypeConverter<Duration> {

    private static final BigDecimal LONGEST =
            BigDecimal.valueOf(Duration.ofDays(365).toNanos());

    @Override
    public Duration convert(String text) {
        int unitAt = text.length();
        while (unitAt > 0 && Character.isLetter(text.charAt(unitAt - 1))) {
            unitAt--;
        }
        try {
            BigDecimal amount = new BigDecimal(text.substring(0, unitAt));
            BigDecimal nanos = amount.multiply(BigDecimal.valueOf(unit(text.substring(unitAt), amount)));
            if (nanos.signum() >= 0 && nanos.compareTo(LONGEST) <= 0) {
                return Duration.ofNanos(nanos.setScale(0, RoundingMode.HALF_UP).longValueExact());
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        throw new TypeConversionException("'" + text + "' is not a duration such as 100ms, 2s or 1m");
    }

    private static long unit(String unit, BigDecimal amount) {
        return switch (unit) {
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m", "min" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> {
                if (unit.isEmpty() && amount.signum() == 0) {
                    yield 1;
                }
                throw new NumberFormatException(unit);
            }
        };
    }
}
