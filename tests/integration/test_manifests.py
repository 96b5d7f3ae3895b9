"""The manifests of deploy/: valid for Kubernetes, agreeing with each other, with the settings and with the metrics."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from conftest import BINARY, SOURCE, Foraker, write_lines
from manifests import (
    KUBERNETES,
    KUSTOMIZATIONS,
    OVERLAYS,
    Object,
    containers,
    of_kind,
    one,
    pod_template,
    read_objects,
    render,
    volumes,
)
from service_client import Messages, Server

pb = Messages()

KUBERNETES_VERSION = "1.31"
# Of the Prometheus operator; their schemas are not Kubernetes' own.
OPERATOR_KINDS = {"ServiceMonitor", "PrometheusRule"}
# Names of the metrics that the guide, the dashboard and the alerts use.
METRIC = re.compile(r"\bforaker_[a-z_]+")
DASHBOARD = SOURCE / "deploy" / "grafana" / "foraker.json"


def name_of(folder: Path) -> str:
    return folder.name


@pytest.fixture(params=KUSTOMIZATIONS, ids=name_of)
def rendered(request: pytest.FixtureRequest) -> list[Object]:
    return render(request.param)


@pytest.fixture(params=OVERLAYS, ids=name_of)
def overlay(request: pytest.FixtureRequest) -> list[Object]:
    return render(request.param)


def workloads(objects: list[Object]) -> list[Object]:
    return [each for each in objects if pod_template(each) is not None]


# ---- by themselves ----


def test_every_object_has_the_form_that_kubernetes_expects(rendered: list[Object]) -> None:
    for each in rendered:
        if each["kind"] not in OPERATOR_KINDS:
            kubernetes_validate.validate(each, KUBERNETES_VERSION, strict=True)


@pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=name_of)
def test_kustomize_renders_what_these_tests_look_at(folder: Path) -> None:
    """Where kubectl is; it names generated ConfigMaps after their content."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not here")
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    text = re.sub(r"\bforaker-config-[a-z0-9]{10}\b", "foraker-config", done.stdout)

    def in_order(objects: list[Object]) -> list[Object]:
        return sorted(objects, key=lambda each: (each["kind"], each["metadata"]["name"]))

    assert in_order(list(yaml.safe_load_all(text))) == in_order(render(folder))


def test_every_manifest_is_part_of_a_kustomization() -> None:
    used: set[Path] = set()
    for folder in KUSTOMIZATIONS:
        (kustomization,) = read_objects(folder / "kustomization.yaml")
        listed = kustomization.get("resources", []) + [each.get("path") for each in kustomization.get("patches", [])]
        used |= {(folder / name).resolve() for name in listed if name is not None}
    manifests = {path.resolve() for path in KUBERNETES.rglob("*.yaml") if path.name != "kustomization.yaml"}
    assert manifests - used == set()


def test_no_two_objects_share_a_name(overlay: list[Object]) -> None:
    names = [(each["kind"], each["metadata"]["name"]) for each in overlay]
    assert len(names) == len(set(names))


def test_containers_may_do_no_more_than_they_need(rendered: list[Object]) -> None:
    for each in workloads(rendered):
        template = pod_template(each)
        assert template is not None
        pod = template["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 65532, "the user of the Containerfile"
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True
            assert rights["allowPrivilegeEscalation"] is False
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in container["resources"]["limits"]
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}


# ---- among each other ----


def test_mounts_have_volumes_and_volumes_are_mounted(rendered: list[Object]) -> None:
    for each in workloads(rendered):
        mounted = {mount["name"] for container in containers(each) for mount in container.get("volumeMounts", [])}
        assert mounted == set(volumes(each))


def test_volumes_name_claims_and_config_maps_that_exist(overlay: list[Object]) -> None:
    claims = {each["metadata"]["name"] for each in of_kind(overlay, "PersistentVolumeClaim")}
    maps = {each["metadata"]["name"] for each in of_kind(overlay, "ConfigMap")}
    for each in workloads(overlay):
        for volume in volumes(each).values():
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims
            if "configMap" in volume:
                assert volume["configMap"]["name"] in maps


def test_selectors_meet_the_pods_that_they_mean(overlay: list[Object]) -> None:
    server = one(overlay, "StatefulSet")
    labels = pod_template(server)["metadata"]["labels"]  # type: ignore[index]
    selectors = [server["spec"]["selector"]["matchLabels"]]
    selectors += [each["spec"]["selector"] for each in of_kind(overlay, "Service")]
    selectors += [each["spec"]["selector"]["matchLabels"] for each in of_kind(overlay, "PodDisruptionBudget")]
    selectors += [each["spec"]["podSelector"]["matchLabels"] for each in of_kind(overlay, "NetworkPolicy")]
    for selector in selectors:
        assert selector.items() <= labels.items()
        for other in workloads(overlay):
            if other is not server:
                assert not selector.items() <= pod_template(other)["metadata"]["labels"].items()  # type: ignore[index]
    assert server["spec"]["serviceName"] in {each["metadata"]["name"] for each in of_kind(overlay, "Service")}


def test_ports_are_those_of_the_settings(overlay: list[Object]) -> None:
    server = one(overlay, "StatefulSet")
    (container,) = containers(server)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    settings = tomllib.loads(one(overlay, "ConfigMap", "foraker-config")["data"]["foraker.toml"])
    assert settings["server"]["listen"] == f"0.0.0.0:{ports['grpc']}"
    assert settings["server"]["http_listen"] == f"0.0.0.0:{ports['http']}"
    for service in of_kind(overlay, "Service"):
        for port in service["spec"]["ports"]:
            assert port["port"] == ports[port["targetPort"]]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] == "http"
    for policy in of_kind(overlay, "NetworkPolicy"):
        for rule in policy["spec"]["ingress"]:
            assert {port["port"] for port in rule["ports"]} <= set(ports)
    for monitor in of_kind(overlay, "ServiceMonitor"):
        labels = monitor["spec"]["selector"]["matchLabels"]
        services = of_kind(overlay, "Service")
        (watched,) = [each for each in services if labels.items() <= each["metadata"]["labels"].items()]
        for endpoint in monitor["spec"]["endpoints"]:
            assert endpoint["port"] in {port["name"] for port in watched["spec"]["ports"]}


def test_the_pods_get_longer_to_end_than_the_server_takes(overlay: list[Object]) -> None:
    server = one(overlay, "StatefulSet")
    settings = tomllib.loads(one(overlay, "ConfigMap", "foraker-config")["data"]["foraker.toml"])
    drain = int(settings["server"]["drain"].removesuffix("s"))
    assert pod_template(server)["spec"]["terminationGracePeriodSeconds"] >= drain + 15  # type: ignore[index]


def test_paths_of_the_settings_are_mounted(overlay: list[Object]) -> None:
    (container,) = containers(one(overlay, "StatefulSet"))
    mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
    settings = tomllib.loads(one(overlay, "ConfigMap", "foraker-config")["data"]["foraker.toml"])
    values = [settings["data"], *settings["server"].values(), *(each["value"] for each in container.get("env", []))]
    paths = [value for value in values if isinstance(value, str) and value.startswith("/")]
    assert len(paths) >= 3
    for path in [*paths, *(argument for argument in container["args"] if argument.startswith("/"))]:
        assert any(path == mount or path.startswith(mount + "/") for mount in mounts), path


@pytest.mark.parametrize("attach", ["attach", "overlays/replicas"])
def test_the_attach_step_takes_every_shard_that_the_index_job_makes(attach: str) -> None:
    job = one(render(KUBERNETES / "index"), "Job", "foraker-index")
    (container,) = containers(job)
    count = job["spec"]["completions"]
    assert f"--shard=$(JOB_COMPLETION_INDEX)/{count}" in container["args"]
    (made,) = [each.removeprefix("--data=") for each in container["args"] if each.startswith("--data=")]
    attached = one(render(KUBERNETES / attach), "Job", "foraker-attach")
    (attaching,) = containers(attached)
    taken = [each for each in attaching["args"] if each.startswith("/shards/")]
    assert taken == [made.replace("$(JOB_COMPLETION_INDEX)", str(index)) for index in range(count)]
    assert container["env"][0] == attaching["env"][0], "one collection"


# ---- the container ----


def test_the_containerfile_agrees_with_the_manifests() -> None:
    lines = (SOURCE / "deploy" / "Containerfile").read_text(encoding="utf-8").splitlines()
    assert "USER 65532:65532" in lines
    assert 'ENTRYPOINT ["/usr/local/bin/foraker"]' in lines
    assert "EXPOSE 7411 7412" in lines
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for path in line.split()[1:-1]:
                assert (SOURCE / path).exists(), path


def test_the_build_context_holds_what_the_build_needs() -> None:
    ignore = (SOURCE / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line[1:] for line in ignore if line.startswith("!")}
    assert all((SOURCE / path).exists() for path in kept)
    cmake = (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8")
    rooms = set(re.findall(r"^add_subdirectory\((\w+)\)", cmake, re.MULTILINE))
    assert rooms | {"cmake", "CMakeLists.txt", "CMakePresets.json"} <= kept


def test_packages_of_the_runtime_image_cover_every_library() -> None:
    script = SOURCE / "deploy" / "runtime_packages.sh"
    packages = subprocess.run([script, BINARY], capture_output=True, text=True, check=True).stdout.split()
    assert {"libc6", "libstdc++6", "zlib1g"} <= set(packages)
    listed = subprocess.run(["dpkg-query", "-L", *packages], capture_output=True, text=True, check=True).stdout
    provided = {Path(line).name for line in listed.splitlines()}
    libraries = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
    needed = re.findall(r"=> (\S+) \(", libraries)
    assert len(needed) > 20
    assert [each for each in needed if Path(each).name not in provided] == []


# ---- metrics and settings ----


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """The metrics that a server shows which has searched, written and refused."""
    folder = tmp_path_factory.mktemp("metrics")
    foraker = Foraker(folder / "data")
    foraker.ok("index", "-c", "notes", "--input", write_lines(folder / "n.jsonl", [{"_id": "a", "text": "a river"}]))
    server = Server(foraker.data, log=folder / "log")
    for _ in range(2):
        server.http("/v1/collections/notes:search", {"query": {"text": "river"}})
    request = pb.WriteDocumentsRequest(collection="notes")
    request.writes.add(put=pb.Document(id="b", text="another river"))
    server.index.WriteDocuments(request)
    text = server.http("/metrics")[1]
    yield set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    server.stop()


def families(text: str) -> set[str]:
    """The metrics that a text names; of histograms the family."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in METRIC.findall(text)}


def expressions(value: Any) -> Iterator[str]:
    """Every PromQL expression in a dashboard or a rule."""
    if isinstance(value, dict):
        yield from (each for key, each in value.items() if key in ("expr", "query") and isinstance(each, str))
        for each in value.values():
            yield from expressions(each)
    elif isinstance(value, list):
        for each in value:
            yield from expressions(each)


def test_the_dashboard_shows_metrics_that_exist(metrics: set[str]) -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    used = families("\n".join(expressions(dashboard)))
    assert len(used) > 10
    assert used - metrics == set()
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))


def test_alerts_watch_metrics_that_exist(metrics: set[str]) -> None:
    rules = one(render(KUBERNETES / "base"), "PrometheusRule")
    used = families("\n".join(expressions(rules)))
    assert len(used) > 5
    assert used - metrics == set()


def test_the_guide_explains_every_metric_and_every_alert(metrics: set[str]) -> None:
    guide = (SOURCE / "docs" / "operations.md").read_text(encoding="utf-8")
    assert families(guide) - metrics == set(), "the guide names what is not there"
    assert metrics - families(guide) == set(), "the guide leaves out what is there"
    rules = one(render(KUBERNETES / "base"), "PrometheusRule")
    alerts = {rule["alert"] for group in rules["spec"]["groups"] for rule in group["rules"]}
    assert set(re.findall(r"`(Foraker[A-Z]\w+)`", guide)) == alerts


def settings_of_the_binary() -> dict[str, str]:
    """Every setting and its default, as the server would run with nothing given."""
    done = subprocess.run(
        [str(BINARY), "serve", "--show-settings"], capture_output=True, text=True, check=True, env={}, timeout=60
    )
    flat: dict[str, str] = {}
    for name, value in tomllib.loads(done.stdout).items():
        members = value.items() if isinstance(value, dict) else [("", value)]
        for member, each in members:
            text = str(each).lower() if isinstance(each, bool) else str(each)
            flat[f"{name}.{member}" if member else name] = text
    return flat


def test_the_guide_lists_every_setting_with_its_default() -> None:
    guide = (SOURCE / "docs" / "operations.md").read_text(encoding="utf-8")
    section = guide.split("## Settings\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w.]+)` \| (.*?) \|", section, re.MULTILINE)
    listed = {name: "" if default == "none" else default.strip("`") for name, default in rows}
    assert listed == settings_of_the_binary()


def test_the_server_accepts_the_settings_of_the_manifests(tmp_path: Path) -> None:
    settings = render(KUBERNETES / "base")
    file = tmp_path / "foraker.toml"
    file.write_text(one(settings, "ConfigMap", "foraker-config")["data"]["foraker.toml"], encoding="utf-8")
    shown = subprocess.run(
        [str(BINARY), "serve", "--config", str(file), "--show-settings"],
        capture_output=True,
        text=True,
        check=False,
        env={},
        timeout=60,
    )
    assert shown.returncode == 0, shown.stderr
    assert tomllib.loads(shown.stdout)["server"]["listen"] == "0.0.0.0:7411"
