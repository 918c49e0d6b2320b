# SPDX-License-Identifier: Apache-2.0
"""What the tests of skantctl message share."""


def most_in(times, window):
    """The most that any window of that length holds, wherever it begins; one that ends before the next begins."""
    times = sorted(times)
    most = first = 0
    for i, time in enumerate(times):
        while time - times[first] >= window:
            first += 1
        most = max(most, i - first + 1)
    return most


def used_share(times, limit, window, seconds):
    """What share of a limit of so many a window was used in the first so many seconds: a limit of 50 a minute lets 50
    start in every minute that has begun."""
    if not times:
        return 0.0
    start = min(times)
    began = int(seconds // window) + (seconds % window > 0)
    return sum(1 for time in times if time - start < seconds) / (limit * began)
