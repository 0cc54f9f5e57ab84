{{/*
Security context of a pod that the Pod Security Standard `restricted` admits: (dict "user" 10001).
*/}}
{{- define "common.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .user }}
fsGroup: {{ .user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/*
Security context of every container.
*/}}
{{- define "common.containerSecurityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/*
Which nodes a pod runs on: (dict "root" $ "nodeGroup" "general" "path" "api.nodeGroup"). Dedicated groups have a taint of
the same name, which their pods tolerate.
*/}}
{{- define "common.placement" -}}
{{- $groups := .root.Values.global.nodeGroups -}}
{{- if not (hasKey $groups .nodeGroup) -}}
{{- fail (printf "\n\n%s: %s is no node group; known: %s (global.nodeGroups)\n" .path .nodeGroup (keys $groups | sortAlpha | join ", ")) -}}
{{- end -}}
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        - matchExpressions:
            - key: workload
              operator: In
              values: [{{ .nodeGroup }}]
{{- if (index $groups .nodeGroup).dedicated }}
tolerations:
  - key: workload
    operator: Equal
    value: {{ .nodeGroup }}
    effect: NoSchedule
{{- end }}
{{- end }}

{{/*
Spread over zones and nodes: (dict "root" $ "name" "api"). ScheduleAnyway, because volumes and spot capacity are zonal, and a
pod in the wrong zone is better than none. matchLabelKeys: pods of an earlier ReplicaSet don't count.
*/}}
{{- define "common.spread" -}}
topologySpreadConstraints:
{{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - topologyKey: {{ $key }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "common.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [{{ $.revisionLabel | default "pod-template-hash" }}]
{{- end }}
{{- end }}

{{/*
Annotations of a service account: a role of IAM, where it is not given by a Pod Identity association.
(dict "root" $ "serviceAccount" .Values.serviceAccount)
*/}}
{{- define "common.serviceAccountAnnotations" -}}
{{- with .serviceAccount.roleArn }}
eks.amazonaws.com/role-arn: {{ . }}
{{- end }}
{{- end }}

{{/*
Volume with the files of a SecretProviderClass: (dict "name" "api").
*/}}
{{- define "common.secretsVolume" -}}
name: secrets
csi:
  driver: secrets-store.csi.k8s.io
  readOnly: true
  volumeAttributes:
    secretProviderClass: {{ .name }}
{{- end }}
