{{/*
Whether any of the parts is in this release: (dict "root" $ "parts" (list "monitoring" "logging")). Empty when none is.
*/}}
{{- define "trading-engine.anyPart" -}}
{{- range .parts -}}
{{- if index $.root.Values.global.controlPlane . -}}true{{- end -}}
{{- end -}}
{{- end }}
