{{/*
What a SecretProviderClass fetches from Secrets Manager: (dict "root" $ "secrets" .Values.secrets).
`secrets` maps a purpose of global.cluster.secrets to a list of fields; each field becomes the file <purpose>-<field>.
https://github.com/aws/secrets-store-csi-driver-provider-aws
*/}}
{{- define "common.secretParameters" -}}
region: {{ include "common.fact" (dict "root" .root "key" "region") }}
usePodIdentity: {{ .root.Values.global.podIdentity | quote }}
objects: |
{{- range $purpose, $fields := .secrets }}
  - objectName: {{ include "common.secretName" (dict "root" $.root "purpose" $purpose) | quote }}
    objectType: secretsmanager
    jmesPath:
{{- range $fields }}
      - path: {{ . }}
        objectAlias: {{ $purpose }}-{{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Name of a secret in Secrets Manager: (dict "root" $ "purpose" "database").
*/}}
{{- define "common.secretName" -}}
{{- $known := .root.Values.global.cluster.secrets -}}
{{- if not (index $known .purpose) -}}
{{- fail (printf "\n\nglobal.cluster.secrets.%s: is empty, and %s reads it; known: %s\n" .purpose .root.Chart.Name (keys $known | sortAlpha | join ", ")) -}}
{{- end -}}
{{- index $known .purpose -}}
{{- end }}
