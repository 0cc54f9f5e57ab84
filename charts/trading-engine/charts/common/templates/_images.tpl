{{/*
Reference of an image: (dict "root" $ "image" .Values.image "path" "api.image").
`registry/repository:tag@digest`. With global.imageMirror the registry becomes the mirror, and the repository gets the
prefix that the mirror keeps its upstream registry under. A tag that moves is an error, and where global.requireDigests
is on, so is an image without a digest.
*/}}
{{- define "common.image" -}}
{{- $global := .root.Values.global -}}
{{- $image := .image -}}
{{- if not $image.tag -}}
{{- fail (printf "\n\n%s.tag: is empty; an image needs a tag that never moves, for example v1.2.3\n" .path) -}}
{{- end -}}
{{- if eq $image.tag "latest" -}}
{{- fail (printf "\n\n%s.tag: latest moves; give the version, for example v1.2.3\n" .path) -}}
{{- end -}}
{{- if and $global.requireDigests (not $image.digest) -}}
{{- fail (printf "\n\n%s.digest: is empty, and global.requireDigests is on; give the digest that %s:%s has in the registry, sha256:...\n" .path $image.repository $image.tag) -}}
{{- end -}}
{{- $digest := ternary (printf "@%s" $image.digest) "" (not (empty $image.digest)) -}}
{{- printf "%s:%s%s" (include "common.imageRepository" .) $image.tag $digest -}}
{{- end }}

{{/*
Registry and repository of an image, as it is pulled. Images without a registry are our own, in the registry of the account.
*/}}
{{- define "common.imageRepository" -}}
{{- $global := .root.Values.global -}}
{{- if not .image.registry -}}
{{- printf "%s/%s" (include "common.ownRegistry" .root) .image.repository -}}
{{- else if $global.imageMirror.enabled -}}
{{- $prefix := index $global.imageMirror.prefixes .image.registry -}}
{{- if not $prefix -}}
{{- fail (printf "\n\n%s.registry: %s has no prefix in global.imageMirror.prefixes; known: %s\n" .path .image.registry (keys $global.imageMirror.prefixes | sortAlpha | join ", ")) -}}
{{- end -}}
{{- printf "%s/%s/%s" (include "common.ownRegistry" .root) $prefix .image.repository -}}
{{- else -}}
{{- printf "%s/%s" .image.registry .image.repository -}}
{{- end -}}
{{- end }}

{{/*
The account's registry in the cluster's region.
*/}}
{{- define "common.ownRegistry" -}}
{{- printf "%s.dkr.ecr.%s.amazonaws.com" (include "common.fact" (dict "root" . "key" "accountId")) (include "common.fact" (dict "root" . "key" "region")) -}}
{{- end }}
