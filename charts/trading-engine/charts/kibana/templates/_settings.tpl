{{- define "kibana.elasticsearchUrl" -}}
https://{{ include "common.serviceHost" (dict "root" . "name" "logging-elasticsearch" "part" "logging") }}:{{ .Values.global.ports.elasticsearch }}
{{- end }}

{{/*
kibana.yml. https://www.elastic.co/guide/en/kibana/8.19/settings.html
*/}}
{{- define "kibana.settings" -}}
server.name: kibana
server.host: 0.0.0.0
server.port: {{ .Values.global.ports.kibana }}
server.ssl.enabled: true
server.ssl.certificate: /etc/tls/tls.crt
server.ssl.key: /etc/tls/tls.key
elasticsearch.hosts: [{{ include "kibana.elasticsearchUrl" . }}]
elasticsearch.ssl.certificateAuthorities: [/etc/tls/ca.crt]
path.data: /usr/share/kibana/data
# Nothing goes to the internet, which it cannot reach, and no browser is started for reports.
telemetry.optIn: false
newsfeed.enabled: false
xpack.reporting.enabled: false
logging:
  appenders:
    json: {type: console, layout: {type: json}}
  root:
    appenders: [json]
{{- end }}
