{{/*
Jobs that exist here, as YAML: on a standby nothing is expected of the services, Redis is where it has a host, and Jaeger where
traces are taken.
*/}}
{{- define "prometheus.jobs" -}}
{{- $cluster := .Values.global.cluster -}}
{{- $known := list "nothing" "redis" "services" "tracing" -}}
{{- $missing := list -}}
{{- if eq $cluster.role "standby" -}}
{{- $missing = append $missing "services" -}}
{{- end -}}
{{- if not $cluster.redis.host -}}
{{- $missing = append $missing "redis" -}}
{{- end -}}
{{- if not .Values.global.controlPlane.tracing -}}
{{- $missing = append $missing "tracing" -}}
{{- end -}}
{{- range $name, $job := .Values.jobs }}
{{- if not (has ($job.needs | default "nothing") $known) }}
{{- fail (printf "\n\nprometheus.jobs.%s.needs: %s is not known; known: %s\n" $name $job.needs ($known | join ", ")) }}
{{- end }}
{{- if not (has $job.needs $missing) }}
{{ $name }}: {{ toJson $job }}
{{- end -}}
{{- end -}}
{{- end }}

{{/*
Where the pods of a job are: (dict "root" $ "name" "grafana" "namespace" "monitoring" "port" "grafana"). The API server picks them by
label, and of their ports the one that serves metrics is kept.
*/}}
{{- define "prometheus.pods" -}}
{{- if not (hasKey .root.Values.global.ports .port) -}}
{{- fail (printf "\n\nprometheus.jobs.%s.port: %s is no port; known: %s (global.ports)\n" .name .port (keys .root.Values.global.ports | sortAlpha | join ", ")) -}}
{{- end -}}
{{- if not (hasKey .root.Values.global.namespaces .namespace) -}}
{{- fail (printf "\n\nprometheus.jobs.%s.namespace: %s is no purpose of a namespace; known: %s (global.namespaces)\n" .name .namespace (keys .root.Values.global.namespaces | sortAlpha | join ", ")) -}}
{{- end -}}
kubernetes_sd_configs:
  - role: pod
    namespaces:
      names: [{{ include "common.namespace" (dict "root" .root "part" .namespace) }}]
    selectors:
      - role: pod
        label: app.kubernetes.io/name={{ .name }}
relabel_configs:
  - source_labels: [__meta_kubernetes_pod_container_port_number]
    regex: {{ index .root.Values.global.ports .port | quote }}
    action: keep
  # What was evicted stays in the API with an address that another pod may have by now.
  - source_labels: [__meta_kubernetes_pod_phase]
    regex: Failed|Succeeded
    action: drop
{{- end }}

{{/*
https://prometheus.io/docs/prometheus/latest/configuration/configuration/
*/}}
{{- define "prometheus.config" -}}
global:
  scrape_interval: {{ .Values.global.scrapeInterval }}
  scrape_timeout: {{ .Values.scrape.timeout }}
  evaluation_interval: {{ .Values.scrape.evaluationInterval }}
  sample_limit: {{ int .Values.scrape.sampleLimit }}
  external_labels:
    cluster: {{ include "common.fact" (dict "root" . "key" "name") }}
    environment: {{ include "common.fact" (dict "root" . "key" "environment") }}
    region: {{ include "common.fact" (dict "root" . "key" "region") }}

storage:
  tsdb:
    retention:
      time: {{ .Values.retention.time }}
      # Prometheus' GB are GiB.
      size: {{ include "prometheus.retentionGibibytes" . }}GB

rule_files:
  - /etc/prometheus/rules/*.yaml

# Every Alertmanager gets every alert; they agree among themselves who tells.
alerting:
  alertmanagers:
    - {{- include "prometheus.pods" (dict "root" . "name" "alertmanager" "namespace" "monitoring" "port" "alertmanager") | nindent 6 }}

scrape_configs:
{{- range $name, $job := include "prometheus.jobs" . | fromYaml }}
  - job_name: {{ $name }}
    {{- if $job.honorLabels }}
    honor_labels: true
    {{- end }}
    {{- include "prometheus.pods" (dict "root" $ "name" $name "namespace" $job.namespace "port" $job.port) | nindent 4 }}
      - source_labels: [__meta_kubernetes_namespace]
        target_label: namespace
      - source_labels: [__meta_kubernetes_pod_name]
        target_label: pod
      - source_labels: [__meta_kubernetes_pod_node_name]
        target_label: node
{{- end }}

  # Each node's kubelet, for containers and volumes. EKS signs the kubelets' certificates by the cluster's own authority, the one that
  # comes with the service account, so that they are verified; in a new node's first minute there is none yet.
{{- range $name, $job := .Values.kubelets }}
  - job_name: {{ $name }}
    scheme: https
    metrics_path: {{ $job.path }}
    authorization:
      credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token
    tls_config:
      ca_file: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    kubernetes_sd_configs:
      - role: node
    relabel_configs:
      - source_labels: [__meta_kubernetes_node_address_InternalIP]
        target_label: __address__
        replacement: $1:{{ $.Values.global.ports.kubelet }}
      - source_labels: [__meta_kubernetes_node_name]
        target_label: node
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: {{ $job.metrics | join "|" }}
        action: keep
      - source_labels: [{{ $job.label }}]
        regex: .+
        action: keep
{{- end }}
{{- end }}

{{/*
What samples may take, in GiB: the share of the volume.
*/}}
{{- define "prometheus.retentionGibibytes" -}}
{{- $size := div (mul (trimSuffix "Gi" .Values.volume.size | int) (int .Values.retention.volumePercent)) 100 -}}
{{- if lt $size 1 -}}
{{- fail (printf "\n\nprometheus.volume.size: %v %% of %s leave no room for samples; give at least 2Gi\n" .Values.retention.volumePercent .Values.volume.size) -}}
{{- end -}}
{{- $size -}}
{{- end }}
