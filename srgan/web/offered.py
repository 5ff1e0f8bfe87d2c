"""Which models the page offers: families to choose from, each as a quick and, where that pays, as
a better and slower one."""

from __future__ import annotations

from statistics import fmean

from srgan.zoo import Network, Zoo

QUICK = "-fast"
LESS_IS_BETTER = {"lpips"}


def family(model: str) -> str:
    """'faithful-fast' and 'faithful' -> 'faithful'."""
    return model.removesuffix(QUICK)


def families(zoo: Zoo) -> dict[str, list[str]]:
    """The models by family, the quickest first, in the manifest's order of families.

    A model that takes more work than another of its family and was measured to be better in nothing
    is left out.
    """
    grouped: dict[str, list[Network]] = {}
    for network in map(zoo.model, zoo.models()):
        grouped.setdefault(family(network.name), []).append(network)
    return {
        name: [network.name for network in _worth_it(networks)]
        for name, networks in grouped.items()
    }


def _worth_it(networks: list[Network]) -> list[Network]:
    kept: list[Network] = []
    for network in sorted(networks, key=lambda network: network.multiply_adds):
        if all(_better_in_something(network, quicker) for quicker in kept):
            kept.append(network)
    return kept


def _better_in_something(network: Network, other: Network) -> bool:
    mine, others = _means(network), _means(other)
    shared = mine.keys() & others.keys()
    return not shared or any(
        mine[measure] < others[measure]
        if measure in LESS_IS_BETTER
        else mine[measure] > others[measure]
        for measure in shared
    )


def _means(network: Network) -> dict[str, float]:
    """Each measure's mean over the sets."""
    rows = list(network.benchmark.values())
    return {measure: fmean(row[measure] for row in rows) for measure in (rows[0] if rows else ())}
