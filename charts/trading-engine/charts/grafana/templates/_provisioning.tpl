{{/*
Data sources. Their uids are what dashboards name them by.
https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
*/}}
{{- define "grafana.datasources" -}}
{{- $ports := .Values.global.ports -}}
apiVersion: 1
# What is no longer listed here goes.
prune: true
datasources:
  - name: Prometheus
    uid: prometheus
    type: prometheus
    access: proxy
    url: http://{{ include "common.serviceHost" (dict "root" . "name" "prometheus" "part" "monitoring") }}:{{ $ports.prometheus }}
    isDefault: true
    jsonData:
      httpMethod: POST
      prometheusType: Prometheus
      # Prometheus's own: $__rate_interval is at least four of them.
      timeInterval: {{ .Values.global.scrapeInterval }}
  - name: Alertmanager
    uid: alertmanager
    type: alertmanager
    access: proxy
    url: http://{{ include "common.serviceHost" (dict "root" . "name" "alertmanager" "part" "monitoring") }}:{{ $ports.alertmanager }}
    jsonData:
      implementation: prometheus
  {{- if .Values.global.controlPlane.tracing }}
  - name: Jaeger
    uid: jaeger
    type: jaeger
    access: proxy
    url: http://{{ include "common.serviceHost" (dict "root" . "name" "jaeger-query" "part" "tracing") }}:{{ index $ports "jaeger-query" }}
  {{- end }}
  - name: CloudWatch
    uid: cloudwatch
    type: cloudwatch
    access: proxy
    jsonData:
      authType: default
      defaultRegion: {{ include "common.fact" (dict "root" . "key" "region") }}
{{- end }}

{{/*
https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards
*/}}
{{- define "grafana.providers" -}}
apiVersion: 1
providers:
  - name: trading-engine
    folder: Trading Engine
    type: file
    # Changes are made in Git.
    allowUiUpdates: false
    disableDeletion: true
    updateIntervalSeconds: {{ .Values.dashboards.refreshSeconds }}
    options:
      path: /var/lib/dashboards
{{- end }}

{{/*
Name of the ConfigMap of a dashboard's file: "files/dashboards/nodes.json".
*/}}
{{- define "grafana.dashboard" -}}
grafana-dashboard-{{ base . | trimSuffix ".json" }}
{{- end }}
