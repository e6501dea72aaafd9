"""A broker with TLS, mutual TLS, SASL and access control lists, and certificates for them."""

from __future__ import annotations

import random
import re
import socket
import subprocess
from pathlib import Path

from harness.cluster import Cluster

USER, PASSWORD = "worker", "right"
LISTENERS = ("tls", "mutual", "sasl", "again", "expired", "elsewhere")
REAUTH_MS = 3_000


class Certificates:
    """An authority, a stranger's, and what they have signed, as PEM files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        for authority in ("ca", "stranger"):
            self._openssl(
                "req -x509 -nodes -days 30 -newkey ec -pkeyopt ec_paramgen_curve:P-256",
                f"-keyout {authority}.key -out {authority}.pem -subj /CN={authority}",
            )
        here = "DNS:localhost,IP:127.0.0.1"
        self._leaf("good", here)
        self._leaf("expired", here, is_over=True)
        self._leaf("elsewhere", "DNS:kafka.example.com")
        self._leaf("client", "DNS:client")
        self._leaf("strange", "DNS:client", authority="stranger")

    def path(self, name: str) -> str:
        return str(self._folder / name)

    def _leaf(self, name: str, names: str, authority: str = "ca", is_over: bool = False) -> None:
        (self._folder / "names").write_text(f"subjectAltName={names}\n")
        self._openssl(
            "req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256",
            f"-keyout {name}.key -out {name}.csr -subj /CN={name}",
        )
        self._openssl(
            f"x509 -req -in {name}.csr -CA {authority}.pem -CAkey {authority}.key -CAcreateserial",
            f"{self._times(is_over)} -extfile names -out {name}.pem",
        )
        both = (self._folder / f"{name}.key").read_text() + (
            self._folder / f"{name}.pem"
        ).read_text()
        (self._folder / f"{name}.both").write_text(both)

    def _times(self, is_over: bool) -> str:
        if not is_over:
            return "-days 20"
        # OpenSSL 3.5 takes no negative days, and 3.0 no dates.
        if b"-not_after" in self._openssl("x509 -help").stderr:
            return "-not_before 20240101000000Z -not_after 20240102000000Z"
        return "-days -1"

    def _openssl(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        command = ["openssl", *" ".join(words).split()]
        return subprocess.run(command, cwd=self._folder, check=True, capture_output=True)


def free_port() -> int:
    """Below the range from which the kernel takes the ports of outgoing connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def _store(listener: str, certificates: Certificates, name: str) -> list[str]:
    prefix = f"listener.name.{listener}.ssl"
    return [
        f"{prefix}.keystore.type=PEM",
        f"{prefix}.keystore.location={certificates.path(name + '.both')}",
        f"{prefix}.truststore.type=PEM",
        f"{prefix}.truststore.location={certificates.path('ca.pem')}",
    ]


def _login(listener: str) -> list[str]:
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    prefix = f"listener.name.{listener}"
    return [
        f"{prefix}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512",
        f'{prefix}.plain.sasl.jaas.config={plain} user_{USER}="{PASSWORD}" user_limited="right";',
        f"{prefix}.scram-sha-512.sasl.jaas.config={scram}",
    ]


class SecuredCluster:
    """Its plain listener is the administrator's, who may do everything."""

    def __init__(self, data: Path, certificates: Certificates) -> None:
        self.cluster = Cluster(data / "kafka")
        self._properties = data / "kafka/1/server.properties"
        self._ports = {name: free_port() for name in LISTENERS}
        self._certificates = certificates

    def start(self) -> None:
        sasl = ("sasl", "again")
        own = {"expired": "expired", "elsewhere": "elsewhere"}
        properties = [
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            f"super.users=User:ANONYMOUS;User:{USER};User:CN=client",
            "listener.name.mutual.ssl.client.auth=required",
            f"listener.name.again.plain.connections.max.reauth.ms={REAUTH_MS}",
        ]
        for name, port in self._ports.items():
            listener = f",{name.upper()}://localhost:{port}"
            properties += [f"listeners+={listener}", f"advertised.listeners+={listener}"]
            protocol = "SASL_SSL" if name in sasl else "SSL"
            properties.append(f"listener.security.protocol.map+=,{name.upper()}:{protocol}")
            properties += _store(name, self._certificates, own.get(name, "good"))
            properties += _login(name) if name in sasl else []
        self.cluster.start(*properties)
        scram = f"SCRAM-SHA-512=[iterations=4096,password={PASSWORD}]"
        self._tool(
            "kafka.admin.ConfigCommand",
            *f"--alter --entity-type users --entity-name {USER} --add-config {scram}".split(),
        )

    def address(self, listener: str) -> str:
        return f"localhost:{self._ports[listener]}"

    def allow(self, user: str, *rights: str) -> None:
        """`--topic NAME --operation READ …`, each as AclCommand takes it."""
        self._acl("--add", user, rights)

    def take_away(self, user: str, *rights: str) -> None:
        self._acl("--remove --force", user, rights)

    def _acl(self, doing: str, user: str, rights: tuple[str, ...]) -> None:
        for right in rights:
            words = f"{doing} --allow-principal User:{user} {right}".split()
            self._tool("org.apache.kafka.tools.AclCommand", *words)

    def _tool(self, name: str, *arguments: str) -> None:
        self.cluster.tool(name, "--bootstrap-server", self.cluster.bootstrap, *arguments)

    def change_password(self, to: str) -> None:
        """Of the user at the plain login, by a restart, as it stands in the broker's file."""
        text = self._properties.read_text()
        self._properties.write_text(re.sub(f'user_{USER}="[^"]*"', f'user_{USER}="{to}"', text))
        self.cluster.term()
        self.cluster.up()
