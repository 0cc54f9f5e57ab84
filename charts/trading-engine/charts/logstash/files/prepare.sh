#!/usr/bin/env bash
# Tells Elasticsearch how long logs are kept and how they are stored, before the first is written. Every start of Logstash says it
# again: a changed policy counts for the indices that are there too.
set -euo pipefail

: "${ELASTICSEARCH_URL:?}" "${PASSWORD_FILE:?}" "${CA_FILE:?}" "${SETTINGS:?}"

# In a header out of a file, as arguments are there for all to read.
authorization() {
  printf 'Authorization: Basic %s\n' "$(printf 'elastic:%s' "$(< "$PASSWORD_FILE")" | base64 -w 0)"
}

put() {
  local status
  status=$(curl --silent --show-error --retry 40 --retry-delay 3 --retry-connrefused --connect-timeout 5 --cacert "$CA_FILE" \
    --header @<(authorization) --header 'Content-Type: application/json' --output /dev/stderr --write-out '%{http_code}' \
    --request PUT --data "@$SETTINGS/$2" "$ELASTICSEARCH_URL/$1")
  if [[ $status != 200 ]]; then
    echo "Elasticsearch answers $status to PUT $1" >&2
    exit 1
  fi
}

put _ilm/policy/logs-kubernetes lifecycle.json
put _index_template/logs-kubernetes index-template.json
