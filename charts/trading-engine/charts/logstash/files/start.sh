#!/usr/bin/env bash
# Starts what its arguments name with the password in its environment, from where Logstash reads it, so that no Secret holds it.
set -euo pipefail

ELASTICSEARCH_PASSWORD="$(< "${PASSWORD_FILE:?}")"
export ELASTICSEARCH_PASSWORD
exec "$@"
