"""The Helm chart: what it makes of each file in ci/, and which values it refuses.

What it makes is kept in tests/deploy/rendered, so it is tested and reviewed without helm too. After
a change of the chart: TURNSTILE_UPDATE_RENDERED=1 scripts/test tests/deploy/test_chart.py
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness.secured import Certificates
from harness.tools import run_tool

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy/helm/turnstile"
RENDERED = ROOT / "tests/deploy/rendered"
PROGRAM = ROOT / os.environ.get("BUILD_DIR", "build") / "turnstile"
CASES = [file.name.removesuffix("-values.yaml") for file in sorted((CHART / "ci").iterdir())]
# A helm that Go installed takes Kubernetes to be older than it is.
KUBERNETES = ("--kube-version", "1.31.0")

Manifest = dict[str, Any]


def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_tool("helm", "helm", *arguments)


def template(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return helm("template", "logins", CHART, "--namespace", "streaming", *KUBERNETES, *arguments)


def values(case: str) -> Path:
    return CHART / "ci" / f"{case}-values.yaml"


def manifests(case: str) -> list[Manifest]:
    return [m for m in yaml.safe_load_all((RENDERED / f"{case}.yaml").read_text()) if m]


def one(case: str, *kinds: str) -> Manifest:
    [found] = [m for m in manifests(case) if m["kind"] in kinds]
    return found


def workload(case: str) -> Manifest:
    return one(case, "Deployment", "StatefulSet")


def pod(case: str) -> Manifest:
    return dict(workload(case)["spec"]["template"]["spec"])


def container(case: str) -> Manifest:
    [found] = [c for c in pod(case)["containers"] if c["name"] == "turnstile"]
    return dict(found)


def environment(case: str) -> dict[str, str]:
    """Of the worker, as Kubernetes gives it to the pod with the number 0."""
    name = f"{workload(case)['metadata']['name']}-0"
    return {entry["name"]: entry.get("value", name) for entry in container(case)["env"]}


# With helm.


@pytest.mark.parametrize("case", CASES)
def test_the_chart_makes_what_is_kept_of_each_case(case: str) -> None:
    done = template("-f", values(case))
    assert done.returncode == 0, done.stderr
    kept = RENDERED / f"{case}.yaml"
    if os.environ.get("TURNSTILE_UPDATE_RENDERED"):
        kept.write_text(done.stdout)
    assert done.stdout == kept.read_text()


@pytest.mark.parametrize("case", CASES)
def test_helm_finds_no_fault_in_the_chart(case: str) -> None:
    done = helm("lint", "--strict", CHART, *KUBERNETES, "-f", values(case))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("replica=3", "replica"),
        ("image.digest=latest", "digest"),
        ("terminationGracePeriodSeconds=29", "5 s more than shutdown.timeout_ms"),
        ("customConfig.shutdown.timeout_ms=30001", "5 s more than shutdown.timeout_ms"),
        ("autoscaling.enabled=true,keda.enabled=true", "exclude each other"),
        ("customConfig.workers.id=a", "must differ between workers"),
    ],
)
def test_values_that_cannot_work_are_refused(given: str, told: str) -> None:
    done = template("--set", given)
    assert done.returncode != 0 and told in done.stderr, done.stderr


@pytest.mark.parametrize(
    "given",
    ["terminationGracePeriodSeconds=30", "replicas=1,customConfig.workers.id=a"],
)
def test_values_at_their_bound_are_taken(given: str) -> None:
    done = template("--set", given)
    assert done.returncode == 0, done.stderr


# Of what is kept.


@pytest.mark.parametrize("case", CASES)
def test_the_program_takes_the_configuration(case: str, tmp_path: Path) -> None:
    file = tmp_path / "turnstile.toml"
    maps = [m["data"] for m in manifests(case) if m["kind"] == "ConfigMap"]
    text = maps[0].get("turnstile.toml", "")
    text = text.replace("/etc/kafka-ca/ca.crt", "/etc/ssl/certs/ca-certificates.crt")
    if "/etc/turnstile-tls/" in text:
        made = Certificates(tmp_path / "certificates")
        text = text.replace("/etc/turnstile-tls/tls.crt", made.path("good.pem"))
        text = text.replace("/etc/turnstile-tls/tls.key", made.path("good.key"))
    file.write_text(text)
    given = environment(case)
    given.pop("TURNSTILE_PRIVACY_HMAC_KEY_FILE", None)  # It is in the pod only.
    done = subprocess.run(
        [PROGRAM, "check", "--json", "-c", file],
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)["settings"]
    wanted = yaml.safe_load((CHART / "values.yaml").read_text())["customConfig"]
    wanted = {**wanted, **(yaml.safe_load(values(case).read_text()).get("customConfig") or {})}
    if text:
        assert found["kafka.brokers"] == wanted["kafka"]["brokers"]
        assert found["shutdown.timeout_ms"] == wanted.get("shutdown", {}).get("timeout_ms", 25000)
    grace_ms = 1000 * pod(case)["terminationGracePeriodSeconds"]
    assert grace_ms >= found["shutdown.timeout_ms"] + 5000
    memory = container(case)["resources"]["limits"]["memory"]
    mib = int(memory[:-2]) * {"Mi": 1, "Gi": 1024}[memory[-2:]]
    assert mib >= 2 * found["memory.budget_mib"]


@pytest.mark.parametrize("case", CASES)
def test_kubernetes_knows_each_field_and_misses_none(case: str) -> None:
    pytest.importorskip("kubernetes", reason="no python3-kubernetes: scripts/setup deploy")
    from deploy.kubernetes_shape import faults_of

    assert not [fault for manifest in manifests(case) for fault in faults_of(manifest)]


@pytest.mark.parametrize("case", CASES)
def test_the_pod_may_do_nothing_that_the_worker_does_not_need(case: str) -> None:
    spec = pod(case)
    assert spec["automountServiceAccountToken"] is False
    # A service of our name would set TURNSTILE_PORT, which is no option of the worker.
    assert spec["enableServiceLinks"] is False
    user = re.search(r"^USER (\d+):", (ROOT / "deploy/Dockerfile").read_text(), re.M)
    assert user is not None
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == int(user[1])
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    context = container(case)["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("case", CASES)
def test_the_probes_ask_where_the_worker_listens(case: str) -> None:
    worker = container(case)
    [port] = worker["ports"]
    assert environment(case)["TURNSTILE_HTTP_LISTEN"] == f"0.0.0.0:{port['containerPort']}"
    by_tls = {"scheme": "HTTPS"} if case == "tls" else {}
    for probe, path in (("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
        assert worker[probe]["httpGet"] == {"path": path, "port": port["name"], **by_tls}


def test_where_the_endpoint_speaks_tls_prometheus_does_and_a_probe_that_says_otherwise_holds() -> (
    None
):
    [asked] = one("tls", "PodMonitor")["spec"]["podMetricsEndpoints"]
    assert asked["scheme"] == "https"
    assert asked["tlsConfig"]["ca"]["secret"] == {"name": "turnstile-tls", "key": "ca.crt"}
    assert container("tls")["startupProbe"]["httpGet"]["scheme"] == "HTTP"
    [plain] = one("static", "PodMonitor")["spec"]["podMetricsEndpoints"]
    assert "scheme" not in plain


@pytest.mark.parametrize(
    ("given", "schemes"),
    [
        ("env[0].name=TURNSTILE_HTTP_TLS_CERT_FILE,env[0].value=/tls.crt", ["HTTPS", "HTTPS"]),
        ("existingConfigMap=mine,http.tls=true", ["HTTPS", "HTTPS"]),
        ("existingConfigMap=mine,customConfig.http.tls_cert_file=/unused", []),
        ("env[0].name=OTHER,env[0].value=x", []),
    ],
)
def test_the_probes_find_out_by_themselves_whether_there_is_tls(
    given: str, schemes: list[str]
) -> None:
    done = template("--set", given)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"scheme: (\w+)", done.stdout) == schemes


@pytest.mark.parametrize("case", CASES)
def test_everything_selects_the_pods_and_mounts_what_is_there(case: str) -> None:
    template_ = workload(case)["spec"]["template"]
    labels = template_["metadata"]["labels"].items()
    for manifest in manifests(case):
        spec = manifest.get("spec", {})
        selected = spec.get("podSelector", spec.get("selector", {}))
        assert selected.get("matchLabels", {}).items() <= labels, manifest["kind"]
        target = spec.get("scaleTargetRef")
        if target:
            assert target["kind"] == workload(case)["kind"]
            assert target["name"] == workload(case)["metadata"]["name"]
            assert "replicas" not in workload(case)["spec"]
    volumes = {volume["name"] for volume in template_["spec"]["volumes"]}
    assert {mount["name"] for mount in container(case)["volumeMounts"]} == volumes
    assert any(m["mountPath"] == "/etc/turnstile" for m in container(case)["volumeMounts"])
    assert container(case)["args"] == ["run", "-c", "/etc/turnstile/turnstile.toml"]


def test_a_static_member_is_named_after_its_pod() -> None:
    stateful = workload("static")
    assert stateful["kind"] == "StatefulSet"
    assert stateful["spec"]["serviceName"] == one("static", "Service")["metadata"]["name"]
    named = {"fieldRef": {"fieldPath": "metadata.name"}}
    names = {e["name"] for e in container("static")["env"] if e.get("valueFrom") == named}
    assert names == {"TURNSTILE_WORKERS_ID", "TURNSTILE_KAFKA_CONSUMER_GROUP_INSTANCE_ID"}


def test_a_new_version_replaces_one_worker_at_a_time() -> None:
    strategy = workload("default")["spec"]["strategy"]
    assert strategy["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


def test_the_key_is_readable_by_the_workers_group_only() -> None:
    [volume] = [v for v in pod("static")["volumes"] if "secret" in v]
    assert volume["secret"]["defaultMode"] == 0o440
    assert pod("static")["securityContext"]["fsGroup"] == 10001
    [mount] = [m for m in container("static")["volumeMounts"] if m["name"] == volume["name"]]
    [item] = volume["secret"]["items"]
    assert (
        environment("static")["TURNSTILE_PRIVACY_HMAC_KEY_FILE"]
        == f"{mount['mountPath']}/{item['path']}"
    )


def test_keda_scales_by_the_lag_of_the_group_that_the_workers_are_in() -> None:
    [trigger] = one("keda", "ScaledObject")["spec"]["triggers"]
    told = trigger["metadata"]
    config = one("keda", "ConfigMap")["data"]["turnstile.toml"]
    assert f'group = "{told["consumerGroup"]}"' in config
    assert told["bootstrapServers"] == "kafka1:9092,kafka2:9092"
    assert all(isinstance(value, str) for value in told.values()), "KEDA takes texts only"
    # The marker of an input's last transaction is lag of 1 that no worker can read away.
    assert told["excludePersistentLag"] == "true"
    assert told["allowIdleConsumers"] == "false"


def test_the_network_policy_lets_prometheus_in_and_the_brokers_and_names_out() -> None:
    spec = one("static", "NetworkPolicy")["spec"]
    [ingress] = spec["ingress"]
    assert ingress["ports"] == [{"port": "http", "protocol": "TCP"}]
    ports = [port["port"] for rule in spec["egress"] for port in rule["ports"]]
    assert ports == [53, 53, 9093]
