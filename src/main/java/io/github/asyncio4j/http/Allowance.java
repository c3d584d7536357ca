package io.github.asyncio4j.http;

/**
 * How many extra requests there may be: a share of the regular ones, and a few to begin with. It keeps those who repeat
 * requests from multiplying the load on a server that fails.
 */
final class Allowance {

    private static final int RESERVE = 10;

    private final double share;
    // Guarded by this.
    private double saved = RESERVE;

    Allowance(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("budget must be between 0 and 1, but is " + share);
        }
        this.share = share;
    }

    /** A regular request. */
    synchronized void earn() {
        saved = Math.min(RESERVE, saved + share);
    }

    /** An extra one; false when there may be none. */
    synchronized boolean spend() {
        // Ten times a tenth is a little less than one.
        if (saved < 1 - 1e-9) {
            return false;
        }
        saved -= 1;
        return true;
    }
}
