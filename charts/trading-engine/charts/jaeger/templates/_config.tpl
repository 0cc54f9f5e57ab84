{{/*
Configuration of Jaeger 2, which is an OpenTelemetry Collector with extensions of its own.
https://www.jaegertracing.io/docs/2.20/deployment/configuration/
*/}}

{{/*
Port of the health check, inside the pod alone: kubelet asks it.
*/}}
{{- define "jaeger.healthPort" -}}13133{{- end }}

{{/*
Address of Elasticsearch.
*/}}
{{- define "jaeger.elasticsearch" -}}
https://{{ include "common.serviceHost" (dict "root" . "name" "tracing-elasticsearch" "part" "tracing") }}:{{ .Values.global.ports.elasticsearch }}
{{- end }}

{{/*
What collectors and query services have in common: the health check, and the one storage, `traces`. Indices are daily, which is
the default, and what the cleaner goes by.
*/}}
{{- define "jaeger.extensions" -}}
healthcheckv2:
  use_v2: true
  http:
    endpoint: 0.0.0.0:{{ include "jaeger.healthPort" . }}
jaeger_storage:
  backends:
    traces:
      elasticsearch:
        server_urls:
          - {{ include "jaeger.elasticsearch" . }}
        tls:
          ca_file: /etc/elasticsearch-ca/ca.crt
        auth:
          basic:
            # The superuser that every Elasticsearch has; the file is read again every minute.
            username: elastic
            password_file: /mnt/secrets/elasticsearch-password
            reload_interval: 1m
        # How far back a search looks.
        max_span_age: {{ mul 24 .Values.retention.days }}h
        indices:
          index_prefix: {{ .Values.storage.indexPrefix }}
          {{- range list "spans" "services" "dependencies" "sampling" }}
          {{ . }}:
            shards: {{ ternary $.Values.storage.shards 1 (eq . "spans") }}
            replicas: {{ $.Values.storage.replicas }}
          {{- end }}
{{- end }}

{{/*
Metrics and logs of Jaeger itself: (dict "root" $ "name" "jaeger-query").
*/}}
{{- define "jaeger.telemetry" -}}
resource:
  service.name: {{ .name }}
logs:
  encoding: json
metrics:
  readers:
    - pull:
        exporter:
          prometheus:
            host: 0.0.0.0
            port: {{ index .root.Values.global.ports "jaeger-metrics" }}
            # Names as OpenTelemetry has them (otelcol_exporter_sent_spans), without _total and units; the default has changed and may again.
            without_scope_info: true
            without_type_suffix: true
            without_units: true
{{- end }}

{{/*
A collector. Jaeger 2.20 writes in the background, and the exporter does not learn of a write that failed: while Elasticsearch is
away, writes hang and spans wait in the queue, and what the writer itself gives up is lost. That Elasticsearch does not go away is
what its several nodes are for. https://github.com/jaegertracing/jaeger/issues/8476
*/}}
{{- define "jaeger.collectorConfig" -}}
{{- $ports := .Values.global.ports -}}
service:
  extensions: [healthcheckv2, jaeger_storage, remote_sampling]
  pipelines:
    traces:
      receivers: [otlp]
      processors: [memory_limiter, batch]
      exporters: [jaeger_storage_exporter]
  telemetry:
    {{- include "jaeger.telemetry" (dict "root" . "name" "jaeger-collector") | nindent 4 }}
extensions:
  {{- include "jaeger.extensions" . | nindent 2 }}
  # For SDKs that ask for the rate (jaeger_remote); the others have it in OTEL_TRACES_SAMPLER_ARG, from the same value.
  remote_sampling:
    file:
      path: /etc/jaeger/sampling.json
    http:
      endpoint: 0.0.0.0:{{ index $ports "sampling-http" }}
    grpc:
      endpoint: 0.0.0.0:{{ index $ports "sampling-grpc" }}
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 0.0.0.0:{{ $ports.otlp }}
        # Connections last, and would stay with the collectors that were there first.
        keepalive:
          server_parameters:
            max_connection_age: 5m
            max_connection_age_grace: 30s
processors:
  memory_limiter:
    check_interval: 1s
    limit_percentage: 80
    spike_limit_percentage: 20
  batch:
    send_batch_size: 1024
    send_batch_max_size: 2048
    timeout: 1s
exporters:
  jaeger_storage_exporter:
    trace_storage: traces
    queue:
      enabled: true
      sizer: items
      queue_size: {{ .Values.collector.queueSize }}
      num_consumers: 10
    retry_on_failure:
      enabled: true
      initial_interval: 1s
      max_interval: 30s
      max_elapsed_time: {{ .Values.collector.retrySeconds }}s
{{- end }}

{{/*
Distributed Tracing > Sampling rate, for everyone that asks.
https://www.jaegertracing.io/docs/2.20/architecture/sampling/#file-based-sampling-configuration
*/}}
{{- define "jaeger.sampling" -}}
{{- dict "default_strategy" (dict "type" "probabilistic" "param" .Values.global.tracing.samplingRatio) | toJson -}}
{{- end }}

{{/*
The query service. A collector needs a pipeline; this one's does nothing.
*/}}
{{- define "jaeger.queryConfig" -}}
service:
  extensions: [healthcheckv2, jaeger_storage, jaeger_query]
  pipelines:
    traces:
      receivers: [nop]
      exporters: [nop]
  telemetry:
    {{- include "jaeger.telemetry" (dict "root" . "name" "jaeger-query") | nindent 4 }}
extensions:
  {{- include "jaeger.extensions" . | nindent 2 }}
  jaeger_query:
    storage:
      traces: traces
    http:
      endpoint: 0.0.0.0:{{ index .Values.global.ports "jaeger-query" }}
    # Nobody calls it over gRPC: it stays inside the pod.
    grpc:
      endpoint: 127.0.0.1:16685
receivers:
  nop:
exporters:
  nop:
{{- end }}
