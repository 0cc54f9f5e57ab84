{{/*
Environment of the service, as the data of a ConfigMap. docs/application-contract.md says what an image does with it.
*/}}
{{- define "workload.settings" -}}
{{- $global := .Values.global -}}
AWS_REGION: {{ include "common.fact" (dict "root" . "key" "region") }}
ENVIRONMENT: {{ include "common.fact" (dict "root" . "key" "environment") }}
METRICS_PORT: {{ $global.ports.metrics | quote }}
{{- if .Values.port }}
{{ include "workload.serverSettings" . }}
{{- end }}
{{- if .Values.uses.database }}
PGHOST: {{ include "common.fact" (dict "root" . "key" "database.host") }}
PGPORT: {{ $global.ports.postgresql | quote }}
PGDATABASE: {{ include "common.fact" (dict "root" . "key" "database.name") }}
PGSSLMODE: verify-full
PGSSLROOTCERT: /etc/rds-ca/bundle.pem
PGUSER_FILE: /mnt/secrets/database-username
PGPASSWORD_FILE: /mnt/secrets/database-password
{{- end }}
{{- if .Values.uses.redis }}
REDIS_HOST: {{ include "common.fact" (dict "root" . "key" "redis.host") }}
REDIS_PORT: {{ $global.ports.redis | quote }}
REDIS_TLS: "true"
REDIS_PASSWORD_FILE: /mnt/secrets/redis-auth_token
{{- end }}
{{- if .Values.uses.api }}
API_URL: https://{{ include "common.serviceHost" (dict "root" . "name" "api" "part" "services") }}:{{ $global.ports.api }}
API_CA_FILE: /etc/tls/ca.crt
{{- end }}
{{- range .Values.uses.queues }}
SQS_QUEUE_URL_{{ . | upper | replace "-" "_" }}: {{ include "common.fact" (dict "root" $ "key" (printf "queues.%s" .)) }}
{{- end }}
{{- range .Values.uses.buckets }}
S3_BUCKET_{{ . | upper | replace "-" "_" }}: {{ include "common.fact" (dict "root" $ "key" (printf "buckets.%s" .)) }}
{{- end }}
{{- if .Values.tracing }}
OTEL_SERVICE_NAME: {{ .Chart.Name }}
OTEL_EXPORTER_OTLP_ENDPOINT: http://{{ include "common.serviceHost" (dict "root" . "name" "jaeger-collector" "part" "tracing") }}:{{ $global.ports.otlp }}
OTEL_EXPORTER_OTLP_PROTOCOL: grpc
OTEL_TRACES_SAMPLER: parentbased_traceidratio
OTEL_TRACES_SAMPLER_ARG: {{ $global.tracing.samplingRatio | quote }}
{{- end }}
{{- range $name, $value := .Values.config }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}

{{/*
How the service serves its port: with TLS of its own, or behind Envoy without.
*/}}
{{- define "workload.serverSettings" -}}
{{- if include "workload.sidecar" . -}}
LISTEN_ADDRESS: 127.0.0.1
LISTEN_PORT: {{ .Values.tls.sidecar.upstreamPort | quote }}
{{- else -}}
LISTEN_ADDRESS: 0.0.0.0
LISTEN_PORT: {{ include "workload.port" . | quote }}
{{- if .Values.tls.enabled }}
TLS_CERT_FILE: /etc/tls/tls.crt
TLS_KEY_FILE: /etc/tls/tls.key
TLS_MIN_VERSION: {{ .Values.global.tls.minimumVersion | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Number of the port that the service serves.
*/}}
{{- define "workload.port" -}}
{{- if not (hasKey .Values.global.ports .Values.port) -}}
{{- fail (printf "\n\n%s.port: %s is no port; known: %s (global.ports)\n" .Chart.Name .Values.port (keys .Values.global.ports | sortAlpha | join ", ")) -}}
{{- end -}}
{{- index .Values.global.ports .Values.port -}}
{{- end }}

{{/*
What answers probes: the service's own port, with TLS where it serves that, or without a port the one of the metrics.
(dict "root" $ "path" "/health/live")
*/}}
{{- define "workload.probe" -}}
httpGet:
  path: {{ .path }}
  {{- if .root.Values.port }}
  port: {{ include "workload.port" .root }}
  scheme: {{ ternary "HTTPS" "HTTP" .root.Values.tls.enabled }}
  {{- else }}
  port: {{ .root.Values.global.ports.metrics }}
  scheme: HTTP
  {{- end }}
periodSeconds: {{ .root.Values.probes.periodSeconds }}
timeoutSeconds: {{ .root.Values.probes.timeoutSeconds }}
{{- end }}

{{/*
Whether the pods need a certificate: to serve with, or to verify the API's by.
*/}}
{{- define "workload.certificate" -}}
{{- if or (and .Values.port .Values.tls.enabled) .Values.uses.api -}}true{{- end -}}
{{- end }}

{{/*
Whether Envoy serves TLS in the service's place.
*/}}
{{- define "workload.sidecar" -}}
{{- if and .Values.port .Values.tls.enabled .Values.tls.sidecar.enabled -}}true{{- end -}}
{{- end }}
