{{/*
Address of the nodes among themselves.
*/}}
{{- define "elasticsearch.nodesHost" -}}
{{ include "common.serviceHost" (dict "root" . "name" (printf "%s-nodes" .Chart.Name) "part" .Values.part) }}
{{- end }}

{{/*
elasticsearch.yml. https://www.elastic.co/guide/en/elasticsearch/reference/8.19/settings.html
*/}}
{{- define "elasticsearch.config" -}}
{{- $ports := .Values.global.ports -}}
cluster.name: {{ .Chart.Name }}
node.name: ${POD_NAME}
# The address is given: 100.64.0.0/10, where pods live, is neither public nor private to Elasticsearch.
network.host: 0.0.0.0
network.publish_host: ${POD_IP}
http.port: {{ $ports.elasticsearch }}
transport.port: {{ index $ports "elasticsearch-transport" }}
# Open while the node is part of a cluster: a probe needs no password.
readiness.port: {{ include "elasticsearch.readinessPort" . }}
# Files are read, not mapped: mapping needs vm.max_map_count of the host, which only a privileged container could set. Searches
# that read much are slower for it; traces and logs are written much and searched little.
# https://www.elastic.co/guide/en/elasticsearch/reference/8.19/index-modules-store.html
node.store.allow_mmap: false
# Nodes find each other by the headless service. A cluster is founded by those that are named, when a majority of them has met, and
# never again: the second line does nothing where there is a cluster.
discovery.seed_hosts: [{{ include "elasticsearch.nodesHost" . }}]
cluster.initial_master_nodes:
  {{- range until (int .Values.replicas) }}
  - {{ $.Chart.Name }}-{{ . }}
  {{- end }}
# Both would go to the internet, or start programs that nobody uses.
ingest.geoip.downloader.enabled: false
xpack.ml.enabled: false
xpack.security.enabled: true
xpack.security.autoconfiguration.enabled: false
# Paths are below the configuration folder; changed files are read again by themselves. Between nodes the authority is checked, not
# the name: nodes speak to addresses, which change. The policies let nobody else to that port.
# https://www.elastic.co/guide/en/elasticsearch/reference/8.19/update-node-certs-same.html
{{- range list "http" "transport" }}
xpack.security.{{ . }}.ssl:
  enabled: true
  verification_mode: certificate
  key: certs/tls.key
  certificate: certs/tls.crt
  certificate_authorities: [certs/ca.crt]
{{- end }}
{{- end }}

{{- define "elasticsearch.readinessPort" -}}9399{{- end }}
