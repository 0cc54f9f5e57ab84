{{/*
What a SecretProviderClass fetches from Secrets Manager: (dict "root" $ "secrets" .Values.secrets).
`secrets` lists purposes of global.cluster.secrets with fields; each field becomes the file <purpose>-<field>.
`files` are made of several fields or in another form: their name, and the JMESPath that gives their content as a string.
https://github.com/aws/secrets-store-csi-driver-provider-aws
*/}}
{{- define "common.secretParameters" -}}
region: {{ include "common.fact" (dict "root" .root "key" "region") }}
usePodIdentity: {{ .root.Values.global.podIdentity | quote }}
objects: |
{{- range $secret := .secrets }}
  - objectName: {{ include "common.secretName" (dict "root" $.root "purpose" $secret.purpose) | quote }}
    objectType: secretsmanager
    jmesPath:
{{- range $secret.fields }}
      - path: {{ . }}
        objectAlias: {{ $secret.purpose }}-{{ . }}
{{- end }}
{{- range $secret.files }}
      - path: {{ .jmesPath | quote }}
        objectAlias: {{ .name }}
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
