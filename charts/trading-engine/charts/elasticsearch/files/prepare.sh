#!/usr/bin/env bash
# Fills the configuration folder, which Elasticsearch writes into when it starts, beside a root file system that it cannot write:
# the image's own files, our settings over them. And hands it the password of its superuser in the form that it insists on: a file
# that only its owner may read, while those of the secrets driver belong to root and are readable for all.
set -euo pipefail

image_config=$1
settings=$2
secret=$3
config=$4
password=$5

if [[ ! -s $secret ]]; then
  echo "$secret: is empty or missing; Secrets Manager has no password for Elasticsearch" >&2
  exit 1
fi

cp -R "$image_config/." "$config"
cp "$settings" "$config/elasticsearch.yml"
install -m 0400 "$secret" "$password"
