{{/*
https://prometheus.io/docs/alerting/latest/configuration/
Secrets are files, which Alertmanager reads whenever it tells: a rotation needs no restart.
*/}}
{{- define "alertmanager.config" -}}
{{- $region := include "common.fact" (dict "root" . "key" "region") -}}
templates:
  - /etc/alertmanager/*.tmpl

route:
  # An alert with none of the three severities is a mistake that somebody should see.
  receiver: warning
  group_by: {{ toJson .Values.grouping.by }}
  group_wait: {{ .Values.grouping.wait }}
  group_interval: {{ .Values.grouping.interval }}
  repeat_interval: {{ .Values.repeat.warning }}
  routes:
    - matchers: ['alertname="Watchdog"']
      receiver: heartbeat
      group_by: [alertname]
      group_wait: 0s
      group_interval: {{ .Values.heartbeat.interval }}
      repeat_interval: {{ .Values.heartbeat.repeat }}
    - matchers: ['severity="critical"']
      receiver: critical
      repeat_interval: {{ .Values.repeat.critical }}
    - matchers: ['severity="warning"']
      receiver: warning
    - matchers: ['severity="info"']
      receiver: info
      repeat_interval: {{ .Values.repeat.info }}

inhibit_rules:
  {{- range .Values.inhibit }}
  - source_matchers: {{ toJson .source }}
    target_matchers: {{ toJson .target }}
    equal: {{ toJson .equal }}
  {{- end }}

# Monitoring > CloudWatch > Alarms: critical to PagerDuty, warning to Slack, info by e-mail.
receivers:
  - name: critical
    pagerduty_configs:
      - routing_key_file: /mnt/secrets/alerting-pagerduty_routing_key
        send_resolved: true
        severity: critical
        description: {{ `{{ template "trading.subject" . }}` | quote }}
        class: {{ `{{ .GroupLabels.alertname }}` | quote }}
        group: {{ `{{ .CommonLabels.cluster }}` | quote }}
        details:
          alerts: {{ `{{ template "trading.text" . }}` | quote }}
        {{- if .Values.runbooks.baseUrl }}
        links:
          - href: {{ `{{ template "trading.runbook" . }}` | quote }}
            text: Runbook
        {{- end }}
  - name: warning
    slack_configs:
      - api_url_file: /mnt/secrets/alerting-slack_webhook_url
        send_resolved: true
        title: {{ `{{ template "trading.subject" . }}` | quote }}
        # Without an address of the runbooks there is nothing to link to: Alertmanager's own is not reached from outside.
        title_link: {{ ternary `{{ template "trading.runbook" . }}` "" (not (empty .Values.runbooks.baseUrl)) | quote }}
        text: {{ `{{ template "trading.text" . }}` | quote }}
  # Over SNS, whose subscribers are e-mail addresses: out of the nodes goes port 443 alone, and so no SMTP.
  - name: info
    sns_configs:
      - topic_arn: {{ include "common.fact" (dict "root" . "key" "topics.info") }}
        sigv4:
          region: {{ $region }}
        send_resolved: true
        subject: {{ `{{ template "trading.subject" . }}` | quote }}
        message: {{ `{{ template "trading.text" . }}` | quote }}
  - name: heartbeat
    sns_configs:
      - topic_arn: {{ include "common.fact" (dict "root" . "key" "topics.heartbeat") }}
        sigv4:
          region: {{ $region }}
        send_resolved: false
        subject: Watchdog
        message: {{ printf "Prometheus and Alertmanager of %s work." (include "common.fact" (dict "root" . "key" "name")) | quote }}
{{- end }}

{{/*
Templates of notifications: those of files/, and where the runbooks are.
*/}}
{{- define "alertmanager.templates" -}}
{{ .Files.Get "files/notifications.tmpl" }}
{{ printf "{{ define \"trading.runbooks\" }}%s{{ end }}" (regexReplaceAll "([^/])$" .Values.runbooks.baseUrl "${1}/") }}
{{- end }}
