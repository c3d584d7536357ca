package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.Resolver;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** {@code --connect-to}: the session believes that it reaches one host, and reaches another. */
final class ConnectTo implements Resolver {

    private static final String HOST = "(\\[[^\\]]+\\]|[^:\\[\\]]+)";
    private static final Pattern FORM = Pattern.compile(HOST + ":(\\d{1,5}):" + HOST + ":(\\d{1,5})");

    private static final int MOST_PORT = 65_535;

    private final Map<String, String> hosts = new HashMap<>();
    private final Map<String, Integer> ports = new HashMap<>();

    private ConnectTo() {}

    /** @throws IllegalArgumentException with a sentence for the user */
    static ConnectTo parse(List<String> texts) {
        ConnectTo all = new ConnectTo();
        for (String text : texts) {
            Matcher parts = FORM.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException("--connect-to wants HOST:PORT:HOST:PORT, but is '" + text + "'");
            }
            String from = parts.group(1).toLowerCase(Locale.ROOT);
            all.ports.put(from + ":" + Integer.parseInt(parts.group(2)), port(text, parts.group(4)));
            all.hosts.put(from, parts.group(3).replaceAll("[\\[\\]]", ""));
        }
        return all;
    }

    private static int port(String text, String digits) {
        int port = Integer.parseInt(digits);
        if (port < 1 || port > MOST_PORT) {
            throw new IllegalArgumentException("--connect-to '" + text + "': there is no port " + digits);
        }
        return port;
    }

    @Override
    public int port(String host, int port) {
        return ports.getOrDefault(host + ":" + port, port);
    }

    @Override
    public Mono<List<InetAddress>> resolve(String host) {
        String instead = hosts.getOrDefault(host, host);
        return Mono.fromCallable(() -> List.of(InetAddress.getAllByName(instead)))
                .subscribeOn(Schedulers.boundedElastic());
    }
}
