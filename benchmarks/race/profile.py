"""Sums up collapsed stacks of async-profiler by who was at work: profile.py file."""

import collections
import sys

KINDS = (
    ("socket: send", ("send", "writev", "Socket.write")),
    ("socket: receive", ("Socket.recv", "Socket.read", "recvfrom")),
    ("waiting for sockets (epoll)", ("epoll_wait", "epollWait", "epoll_pwait")),
)


def kind(frames):
    head = " ".join(frames[:6])
    if "CompileBroker" in head or "C2Compiler" in head or "Compiler::compile" in head:
        return "JIT compiler"
    if "G1" in head or "GC" in head:
        return "garbage collector"
    stack = ";".join(frames)
    for name, marks in KINDS:
        if any(mark in stack for mark in marks):
            return name
    for frame in reversed(frames):
        if frame.startswith("io/github/asyncio4j/"):
            return "asyncio4j"
        if frame.startswith("reactor/"):
            return "Reactor"
        if frame.startswith("io/netty/"):
            return "Netty"
        if frame.startswith("Race"):
            return "the race itself"
    return "rest of the JVM"


counts = collections.Counter()
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        stack, count = line.rsplit(" ", 1)
        counts[kind(stack.split(";"))] += int(count)
total = sum(counts.values())
print("| at work | share |")
print("| --- | ---: |")
for name, count in counts.most_common():
    print(f"| {name} | {100 * count / total:.1f} % |")
