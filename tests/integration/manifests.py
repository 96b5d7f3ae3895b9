"""The Kubernetes manifests of deploy/ as Python objects, and their containers as processes.

`render` does what these manifests need of Kustomize and refuses the rest: resources, JSON patches and deletions,
generated ConfigMaps, namespace, images.
"""

from __future__ import annotations

import copy
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from conftest import BINARY, SOURCE

KUBERNETES = SOURCE / "deploy" / "kubernetes"
KUSTOMIZATIONS = sorted(path.parent for path in KUBERNETES.rglob("kustomization.yaml"))
OVERLAYS = [folder for folder in KUSTOMIZATIONS if folder.parent.name == "overlays"]

Object = dict[str, Any]
KNOWN = {"apiVersion", "kind", "namespace", "resources", "patches", "configMapGenerator", "images"}


def read_objects(path: Path) -> list[Object]:
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each is not None]


def render(folder: Path) -> list[Object]:
    """What `kubectl apply -k folder` would send."""
    (kustomization,) = read_objects(folder / "kustomization.yaml")
    assert set(kustomization) <= KNOWN, f"{folder}: {set(kustomization) - KNOWN}"
    objects: list[Object] = []
    for resource in kustomization.get("resources", []):
        path = folder / resource
        assert path.exists(), f"{folder}/kustomization.yaml lists {resource}, which is not there"
        objects += render(path) if path.is_dir() else read_objects(path)
    for generator in kustomization.get("configMapGenerator", []):
        data = {name: (folder / name).read_text(encoding="utf-8") for name in generator["files"]}
        metadata = {"name": generator["name"]}
        objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    for patch in kustomization.get("patches", []):
        objects = apply_patch(folder, patch, objects)
    for each in objects:
        if "namespace" in kustomization and each["kind"] != "Namespace":
            each["metadata"]["namespace"] = kustomization["namespace"]
        for container in containers(each):
            for image in kustomization.get("images", []):
                if container["image"] == image["name"]:
                    container["image"] = f"{image['newName']}:{image['newTag']}"
    return objects


def apply_patch(folder: Path, patch: Object, objects: list[Object]) -> list[Object]:
    target = patch["target"]
    hit = [each for each in objects if (each["kind"], each["metadata"]["name"]) == (target["kind"], target["name"])]
    assert len(hit) == 1, f"{folder}: a patch of {target} meets {len(hit)} objects"
    text = (folder / patch["path"]).read_text(encoding="utf-8") if "path" in patch else patch["patch"]
    changes = yaml.safe_load(text)
    if isinstance(changes, dict):
        assert changes["$patch"] == "delete", "of merges only deletions are known here"
        return [each for each in objects if each is not hit[0]]
    for change in changes:
        apply_change(hit[0], change)
    return objects


def apply_change(document: Any, change: Object) -> None:
    """One operation of a JSON patch (RFC 6902)."""
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in change["path"].split("/")[1:]]
    for part in parents:
        document = document[int(part)] if isinstance(document, list) else document[part]
    operation = change["op"]
    if isinstance(document, list):
        if operation == "add":
            document.insert(len(document) if last == "-" else int(last), copy.deepcopy(change["value"]))
            return
        last = int(last)  # type: ignore[assignment]
        assert last < len(document)
    else:
        assert operation == "add" or last in document, f"{change['path']} is not there"
    if operation == "remove":
        del document[last]
    else:
        document[last] = copy.deepcopy(change["value"])


def pod_template(each: Object) -> Object | None:
    return each.get("spec", {}).get("template") if each["kind"] in ("StatefulSet", "Deployment", "Job") else None


def containers(each: Object) -> list[Object]:
    template = pod_template(each)
    return [] if template is None else template["spec"]["containers"]


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    return [each for each in objects if each["kind"] == kind]


def one(objects: list[Object], kind: str, name: str = "foraker") -> Object:
    (found,) = [each for each in of_kind(objects, kind) if each["metadata"]["name"] == name]
    return found


def volumes(each: Object) -> dict[str, Object]:
    """A pod's volumes by name, those of claim templates included."""
    template = pod_template(each)
    assert template is not None
    found = {volume["name"]: volume for volume in template["spec"].get("volumes", [])}
    for claim in each["spec"].get("volumeClaimTemplates", []):
        found[claim["metadata"]["name"]] = claim
    return found


@dataclass
class Process:
    """A container's command as a process of this machine: volumes are folders, services are local addresses."""

    command: list[str]
    environment: dict[str, str]

    def start(self, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(self.command, env=self.environment, text=True, **options)

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command, env=self.environment, text=True, capture_output=True, timeout=300, check=False
        )


@dataclass
class Machine:
    """What stands for the cluster: a folder for each mount path, values of references, addresses of services."""

    mounts: dict[str, Path]
    services: dict[str, str] = field(default_factory=dict)  # "foraker:7411" -> "127.0.0.1:40001"
    secrets: dict[tuple[str, str], str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)  # more environment variables

    def process(self, workload: Object, completion_index: int = 0) -> Process:
        (container,) = containers(workload)
        assert container["command"] == ["/usr/local/bin/foraker"], "the path in the image"
        mounted = {mount["mountPath"] for mount in container.get("volumeMounts", [])}
        assert mounted <= set(self.mounts), f"{mounted - set(self.mounts)} are not there"
        environment = dict(self.environment(container, completion_index))
        expanded = [expand(text, environment) for text in container["args"]]
        local = {name: self.local(value) for name, value in environment.items()}
        command = [str(BINARY), *map(self.local, expanded)]
        return Process(command, {"PATH": "/nowhere", **local, **self.settings})

    def environment(self, container: Object, completion_index: int) -> Iterator[tuple[str, str]]:
        for variable in container.get("env", []):
            source = variable.get("valueFrom")
            if source is None:
                yield variable["name"], variable["value"]
            elif "secretKeyRef" in source:
                reference = source["secretKeyRef"]
                yield variable["name"], self.secrets[(reference["name"], reference["key"])]
            else:
                path = source["fieldRef"]["fieldPath"]
                assert path == "metadata.annotations['batch.kubernetes.io/job-completion-index']"
                yield variable["name"], str(completion_index)

    def in_text(self, text: str) -> str:
        """Paths of a file of settings."""
        for path, folder in self.mounts.items():
            text = re.sub(rf'"{re.escape(path)}(?=["/])', f'"{folder}', text)
        return text

    def local(self, text: str) -> str:
        for path, folder in self.mounts.items():
            text = re.sub(rf"(?<![\w/.]){re.escape(path)}(?=/|$)", str(folder), text)
        for service, address in self.services.items():
            text = text.replace(service, address)
        return text


def expand(text: str, environment: dict[str, str]) -> str:
    """$(NAME) as the kubelet expands it in command and args."""
    return re.sub(r"\$\((\w+)\)", lambda found: environment[found.group(1)], text)
