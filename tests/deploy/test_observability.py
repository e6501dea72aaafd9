"""The alert rules and the dashboard: valid, of metrics that exist, and explained."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from deploy.known_metrics import faults_of, metrics_of
from harness.tools import run_tool

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy/prometheus/alerts.yaml"
DASHBOARD = ROOT / "deploy/grafana/turnstile.json"
OPERATIONS = ROOT / "docs/operations.md"
GRID_COLUMNS = 24
# Grafana replaces these before Prometheus sees them.
VARIABLES = {"$__rate_interval": "5m"}

Panel = dict[str, Any]


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_tool("promtool", "deploy", *arguments)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


# Alerts.


@pytest.fixture(scope="module")
def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    return list(group["rules"])


def test_each_alert_fires_at_what_it_is_for_and_at_nothing_else() -> None:
    done = promtool("test", "rules", ROOT / "tests/deploy/alerts_test.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_finds_no_fault_in_the_rules() -> None:
    done = promtool("check", "rules", RULES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_has_a_test_that_expects_it(alerts: list[dict[str, Any]]) -> None:
    cases = yaml.safe_load((ROOT / "tests/deploy/alerts_test.yaml").read_text())["tests"]
    expected = {
        check["alertname"]
        for case in cases
        for check in case["alert_rule_test"]
        if check["exp_alerts"]
    }
    assert expected == {alert["alert"] for alert in alerts}


def test_each_alert_leads_to_its_section_and_has_a_row_in_the_operators_table(
    alerts: list[dict[str, Any]],
) -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\w+) \| .*#([\w-]+)\)", OPERATIONS.read_text(), re.M)
    told = {
        (
            alert["alert"],
            alert["labels"]["severity"],
            alert["annotations"]["runbook"].removeprefix("docs/operations.md#"),
        )
        for alert in alerts
    }
    assert set(rows) == told
    assert {anchor for _, _, anchor in told} <= anchors(OPERATIONS)


def test_the_alerts_name_only_metrics_and_labels_that_the_worker_has(
    alerts: list[dict[str, Any]],
) -> None:
    for alert in alerts:
        assert metrics_of(alert["expr"]) and not faults_of(alert["expr"]), alert["alert"]


# The dashboard.


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    return dict(json.loads(DASHBOARD.read_text()))


def graphs(dashboard: dict[str, Any]) -> list[Panel]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions(dashboard: dict[str, Any]) -> Iterator[str]:
    for panel in graphs(dashboard):
        yield from (target["expr"] for target in panel["targets"])
    yield from (annotation["expr"] for annotation in dashboard["annotations"]["list"])


def test_the_panels_have_ids_and_titles_of_their_own_and_do_not_overlap(
    dashboard: dict[str, Any],
) -> None:
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    titles = [panel["title"] for panel in graphs(dashboard)]
    assert len(set(titles)) == len(titles)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= GRID_COLUMNS, panel["title"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                 for y in range(at["y"], at["y"] + at["h"])}  # fmt: skip
        assert not cells & taken, panel["title"]
        taken |= cells


def test_each_panel_says_what_it_shows_in_which_unit(dashboard: dict[str, Any]) -> None:
    for panel in graphs(dashboard):
        assert panel["description"] and panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        for anchor in re.findall(r"docs/operations\.md#([\w-]+)", panel["description"]):
            assert anchor in anchors(OPERATIONS), panel["title"]


def test_the_dashboard_works_with_any_data_source_and_the_variables_that_it_has(
    dashboard: dict[str, Any],
) -> None:
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    for panel in graphs(dashboard):
        for source in (panel, *panel["targets"]):
            assert source["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    for expression in expressions(dashboard):
        used = set(re.findall(r"\$\{?(\w+)", expression)) - {"__rate_interval"}
        assert used and used <= variables, expression


def test_the_dashboard_names_only_metrics_and_labels_that_the_worker_has(
    dashboard: dict[str, Any],
) -> None:
    for panel in graphs(dashboard):
        for target in panel["targets"]:
            assert not faults_of(target["expr"]), panel["title"]
            shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            assert shown <= set(re.findall(r"\w+", target["expr"])), panel["title"]


def test_prometheus_understands_each_expression_of_the_dashboard(
    dashboard: dict[str, Any], tmp_path: Path
) -> None:
    rules = []
    for number, expression in enumerate(expressions(dashboard)):
        for name, value in VARIABLES.items():
            expression = expression.replace(name, value)
        rules.append({"record": f"panel:{number}", "expr": expression})
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = promtool("check", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


# Both in Compose.


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"])


def mounted(service: dict[str, Any]) -> dict[str, Path]:
    """The files and folders of ours by their place in the container."""
    pairs = [volume.split(":") for volume in service["volumes"]]
    return {there: ROOT / "deploy" / here for here, there, _ in pairs}


def test_prometheus_scrapes_the_workers_and_has_the_alerts(services: dict[str, Any]) -> None:
    files = mounted(services["prometheus"])
    config = yaml.safe_load(files["/etc/prometheus/prometheus.yml"].read_text())
    [job] = config["scrape_configs"]
    [found] = job["dns_sd_configs"]
    listen = services["worker"]["environment"]["TURNSTILE_HTTP_LISTEN"]
    assert found["names"] == ["worker"] and listen == f"0.0.0.0:{found['port']}"
    [rules] = config["rule_files"]
    assert files[f"/etc/prometheus/{rules}"].resolve() == RULES
    done = promtool("check", "config", "--syntax-only", files["/etc/prometheus/prometheus.yml"])
    assert done.returncode == 0, done.stdout + done.stderr


def test_grafana_shows_the_dashboard_with_the_data_of_prometheus(services: dict[str, Any]) -> None:
    files = mounted(services["grafana"])
    provisioning = files["/etc/grafana/provisioning"]
    [source] = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())[
        "datasources"
    ]
    assert source["type"] == "prometheus" and source["url"] == "http://prometheus:9090"
    [provider] = yaml.safe_load((provisioning / "dashboards/turnstile.yaml").read_text())[
        "providers"
    ]
    shown = f"{provider['options']['path']}/turnstile.json"
    assert files[shown] == DASHBOARD
    assert services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == shown


def test_what_compose_serves_is_read_on_this_machine_only(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
