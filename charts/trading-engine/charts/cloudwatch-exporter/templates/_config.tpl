{{/*
https://github.com/prometheus-community/yet-another-cloudwatch-exporter/blob/master/docs/configuration.md
*/}}
{{- define "cloudwatch-exporter.config" -}}
{{- $region := include "common.fact" (dict "root" . "key" "region") -}}
{{- $project := include "common.fact" (dict "root" . "key" "tags.Project") -}}
{{- $environment := include "common.fact" (dict "root" . "key" "tags.Environment") -}}
apiVersion: v1alpha1
sts-region: {{ $region }}
discovery:
  jobs:
    {{- range .Values.jobs }}
    - type: {{ .namespace }}
      regions: [{{ $region }}]
      # Values are regular expressions.
      searchTags:
        - key: Project
          value: ^{{ $project }}$
        - key: Environment
          value: ^{{ $environment }}$
      dimensionNameRequirements: {{ toJson .dimensions }}
      period: {{ $.Values.periodSeconds }}
      length: {{ $.Values.periodSeconds }}
      delay: {{ $.Values.delaySeconds }}
      metrics:
        {{- range $name, $statistics := .metrics }}
        - name: {{ $name }}
          statistics: {{ toJson $statistics }}
        {{- end }}
    {{- end }}
{{- end }}
