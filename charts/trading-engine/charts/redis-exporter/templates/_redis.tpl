{{/*
Address of Redis, with TLS; empty where there is none.
*/}}
{{- define "redis-exporter.address" -}}
{{- with .Values.global.cluster.redis.host -}}
rediss://{{ . }}:{{ $.Values.global.ports.redis }}
{{- end -}}
{{- end }}
