{{/*
The volume of a pod that keeps something: what a StatefulSet's volumeClaimTemplates hold.
Takes (dict "root" $ "persistence" its values).
*/}}
{{- define "ringfence.claims" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: data
    labels: {{- include "ringfence.selectorLabels" .root | nindent 6 }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .persistence.storageClass }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests: { storage: {{ .persistence.size }} }
{{- end }}
