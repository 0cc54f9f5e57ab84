#!/usr/bin/env bash
# Logstash reads the password from its environment; this puts it there without a Secret that holds it. Not the image's own entry
# point, which writes its settings into a folder that is read-only here.
set -euo pipefail

ELASTICSEARCH_PASSWORD="$(< /mnt/secrets/elasticsearch-password)"
export ELASTICSEARCH_PASSWORD
exec /usr/share/logstash/bin/logstash
