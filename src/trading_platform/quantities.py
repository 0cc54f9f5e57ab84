"""Amounts of CPU, memory and storage as Kubernetes writes them."""

import re

# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
FACTORS = {"": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
FACTORS |= {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}


def amount(quantity: str | int | float) -> float:
    """The number that a quantity stands for, in cores or bytes. Raises ValueError for what is no quantity."""
    match = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", str(quantity))
    if not match or match[2] not in FACTORS:
        raise ValueError(f"{quantity} is no quantity")
    return float(match[1]) * FACTORS[match[2]]
