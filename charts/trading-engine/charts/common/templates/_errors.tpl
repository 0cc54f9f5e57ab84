{{/*
What the cluster is (global.cluster), by its path: (dict "root" $ "key" "database.host"). An empty one is an error that says
where it comes from.
*/}}
{{- define "common.fact" -}}
{{- $value := .root.Values.global.cluster -}}
{{- range splitList "." .key -}}
{{- $value = index $value . -}}
{{- end -}}
{{- if not $value -}}
{{- fail (printf "\n\nglobal.cluster.%s: is empty, and %s needs it. Argo CD fills global.cluster from the cluster Secret; to render by hand, give --values with it (charts/trading-engine/README.md)\n" .key .root.Chart.Name) -}}
{{- end -}}
{{- $value -}}
{{- end }}

{{/*
The same of a fact that is a list, as YAML.
*/}}
{{- define "common.facts" -}}
{{- $value := .root.Values.global.cluster -}}
{{- range splitList "." .key -}}
{{- $value = index $value . -}}
{{- end -}}
{{- if not $value -}}
{{- fail (printf "\n\nglobal.cluster.%s: is empty, and %s needs it. Argo CD fills global.cluster from the cluster Secret; to render by hand, give --values with it (charts/trading-engine/README.md)\n" .key .root.Chart.Name) -}}
{{- end -}}
{{- toYaml $value -}}
{{- end }}
