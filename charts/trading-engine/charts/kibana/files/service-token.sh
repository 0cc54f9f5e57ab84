#!/usr/bin/env bash
# Gets Kibana a token of Elasticsearch's service account elastic/kibana, which may do what Kibana needs and nothing else. The
# password of the superuser, by which it asks, does not reach Kibana. Each start makes a new token in place of the one before.
# https://www.elastic.co/guide/en/elasticsearch/reference/8.19/service-accounts.html
set -euo pipefail

: "${ELASTICSEARCH_URL:?}" "${PASSWORD_FILE:?}" "${CA_FILE:?}" "${TOKEN_FILE:?}"
token_url="$ELASTICSEARCH_URL/_security/service/elastic/kibana/credential/token/kibana"

# In a header out of a file, as arguments are there for all to read.
authorization() {
  printf 'Authorization: Basic %s\n' "$(printf 'elastic:%s' "$(< "$PASSWORD_FILE")" | base64 -w 0)"
}

# Prints the answer, and the status in a line of its own.
call() {
  curl --silent --show-error --retry 40 --retry-delay 3 --retry-connrefused --connect-timeout 5 --cacert "$CA_FILE" \
    --header @<(authorization) --write-out '\n%{http_code}\n' --request "$1" "$token_url"
}

answer=$(call DELETE)
status=${answer##*$'\n'}
if [[ $status != 200 && $status != 404 ]]; then
  echo "Elasticsearch answers $status to DELETE $token_url: $answer" >&2
  exit 1
fi

answer=$(call POST)
status=${answer##*$'\n'}
value='"value" *: *"([A-Za-z0-9+/=_-]+)"'
if [[ $status != 200 || ! $answer =~ $value ]]; then
  # The answer may hold a token: only its status is told.
  echo "Elasticsearch answers $status to POST $token_url, without a token" >&2
  exit 1
fi
umask 0077
printf 'elasticsearch.serviceAccountToken: "%s"\n' "${BASH_REMATCH[1]}" > "$TOKEN_FILE"
