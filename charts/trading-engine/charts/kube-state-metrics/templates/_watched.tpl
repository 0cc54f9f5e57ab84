{{/*
Resources of all API groups, with commas.
*/}}
{{- define "kube-state-metrics.watched" -}}
{{- $all := list -}}
{{- range .Values.watched -}}
{{- $all = concat $all . -}}
{{- end -}}
{{- $all | sortAlpha | join "," -}}
{{- end }}
