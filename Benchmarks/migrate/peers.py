"""The migrators under comparison, each over one folder of migrations and one database of the checkout's private cluster."""
import os
import pathlib
import subprocess
import urllib.parse

root = pathlib.Path(__file__).resolve().parents[2]
venv = root / ".cygni" / "bench-venv" / "bin"
ours = root / ".build" / "release" / "cygni-migrate"


def prepare():
    """Installs the peers, builds our executable and starts the cluster."""
    for command in (["scripts/setup", "bench"], ["swift", "build", "-c", "release", "--product", "cygni-migrate"],
                    ["scripts/cluster", "start"]):
        subprocess.run(command, cwd=root, check=True, stdout=2)


class Database:
    """A database by name; dropped and made again by `fresh`."""

    def __init__(self, name):
        text = subprocess.run(["scripts/cluster", "url"], cwd=root, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
        self.socket = urllib.parse.parse_qs(urllib.parse.urlsplit(text).query)["host"][0]
        self.name = name
        self.url = f"postgresql://postgres@/{name}?host={urllib.parse.quote(self.socket, safe='')}"

    @property
    def environment(self):
        return {**os.environ, "PGHOST": self.socket, "PGUSER": "postgres", "PGDATABASE": self.name, "PGOPTIONS": "-c client_min_messages=warning",
                "SQITCH_FULLNAME": "bench", "SQITCH_EMAIL": "bench@example.com", "SQITCH_USER_CONFIG": "/dev/null"}

    def sql(self, text, database=None):
        command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database or self.name, "-c", text]
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, env=self.environment).stdout.strip()

    def fresh(self):
        self.drop()
        self.sql(f"CREATE DATABASE {self.name}", "postgres")

    def drop(self):
        self.sql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", "postgres")


class Folder:
    """Migrations by name and text, written the way each migrator wants them."""

    def __init__(self, place, migrations):
        self.place = place
        self.files = place / "files"
        self.sqitch = place / "sqitch"
        for folder in (self.files, self.sqitch / "deploy"):
            folder.mkdir(parents=True)
        (self.sqitch / "sqitch.conf").write_text("[core]\n\tengine = pg\n")
        self.write(migrations)

    def write(self, migrations):
        plan = ["%syntax-version=1.0.0", "%project=bench", ""]
        for name, text in migrations.items():
            (self.files / f"{name}.sql").write_text(f"-- migrate:up\n{text}\n-- migrate:down\nSELECT 1;\n")
            (self.sqitch / "deploy" / f"{name}.sql").write_text(f"BEGIN;\n{text}\nCOMMIT;\n")
            plan.append(f"m{name} 2026-01-01T00:00:00Z bench <bench@example.com> # {name}")
            (self.sqitch / "deploy" / f"{name}.sql").rename(self.sqitch / "deploy" / f"m{name}.sql")
        (self.sqitch / "sqitch.plan").write_text("\n".join(plan) + "\n")


def cygni(folder, database, *arguments):
    return [str(ours), *arguments, "--dir", str(folder.files), "--database-url", database.url]


def dbmate(folder, database, *arguments):
    return [str(venv / "dbmate"), "--url", database.url.replace("postgresql://", "postgres://"), "--migrations-dir", str(folder.files),
            "--no-dump-schema", *arguments]


def sqitch(folder, database, *arguments):
    return ["sqitch", "--chdir", str(folder.sqitch), arguments[0], *arguments[1:], f"db:pg:{database.name}"]


def psql(folder, database):
    """Every file by one process, a commit each, and no ledger: what no migrator can be below."""
    files = sorted((folder.sqitch / "deploy").iterdir())
    return ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", *[word for file in files for word in ("-f", str(file))]]


def run(command, database, **options):
    return subprocess.run(command, env=database.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
