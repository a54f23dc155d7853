"""Validates the Kubernetes objects of a file strictly, and prints their names."""
import sys

import kubernetes_validate
import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    for document in yaml.safe_load_all(file):
        kubernetes_validate.validate(document, "1.31", strict=True)
        print(document["metadata"]["name"])
