"""Reads the lines of several rounds, `| client | at once | requests/s | CPU s per 100,000 | failed |`, and prints one for
each client and level, in the order of the first round: medians, the range of requests per second, and all failures."""

import statistics
import sys


def number(cell):
    return float(cell.replace(",", ""))


def medians(lines):
    rounds = {}
    for line in lines:
        client, level, *cells = (cell.strip() for cell in line.split("|")[1:-1])
        rounds.setdefault((client, level), []).append(cells)
    for (client, level), taken in rounds.items():
        rates = [number(rate) for rate, _, _ in taken if rate != "failed"]
        costs = [number(cost) for _, cost, _ in taken if cost]
        failures = [number(failed) for _, _, failed in taken if failed]
        if not rates:
            yield f"| {client} | {level} | failed | | | |"
            continue
        cost = f"{statistics.median(costs):.2f}" if costs else ""
        failed = f"{sum(failures):,.0f}" if failures else ""
        spread = f"{min(rates):,.0f} to {max(rates):,.0f}"
        yield f"| {client} | {level} | {statistics.median(rates):,.0f} | {spread} | {cost} | {failed} |"


if __name__ == "__main__":
    print("\n".join(medians(sys.stdin)))
