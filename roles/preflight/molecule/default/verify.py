"""Break a copy of the production inventory in several places and see that the role names every one of them."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]

BREAKS = (
    ("group_vars/primary/vpc.yml", "vpc_cidr: 10.0.0.0/16", "vpc_cdir: 10.0.0.0/16"),
    ("group_vars/dr/vpc.yml", "us-west-2c]", "us-east-1c]"),
    ("group_vars/all/eks.yml", 'eks_version: "1.35"', 'eks_version: "1.28"'),
    ("group_vars/all/rds.yml", "mon:04:00-mon:05:00", "mon:03:30-mon:05:00"),
)
EXPECTED = (
    "{0}/group_vars/primary/vpc.yml: vpc_cdir: unknown key; did you mean vpc_cidr?",
    "{0}/group_vars/dr/vpc.yml: vpc_availability_zones: us-east-1c is in us-east-1, not in us-west-2",
    "{0}/group_vars/all/eks.yml: eks_version: EKS 1.28 can no longer be created",
    "{0}/group_vars/all/rds.yml: rds_maintenance_window: mon:03:30-mon:05:00 overlaps rds_backup_window",
)


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory).resolve() / "production"
        shutil.copytree(ROOT / "inventories" / "production", copy)
        for file, good, bad in BREAKS:
            path = copy / file
            text = path.read_text(encoding="utf-8")
            if good not in text:
                sys.exit(f"{path} no longer has {good!r}")
            path.write_text(text.replace(good, bad), encoding="utf-8")
        command = [Path(sys.executable).parent / "ansible-playbook", ROOT / "playbooks/validate.yml", "-i", copy]
        run = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)  # noqa: S603  (our own command)
        output = run.stdout + run.stderr
        missing = [line for line in EXPECTED if line.format(copy) not in output]
    if run.returncode == 0 or missing:
        print(output)
        sys.exit(f"exit code {run.returncode}; not said: {missing}")
    return 0


if __name__ == "__main__":
    main()
