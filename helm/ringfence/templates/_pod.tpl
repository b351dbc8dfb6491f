{{/*
The pod of a component, the same for all but its roles: non-root, read-only root, no capabilities, no token.
Takes (dict "root" $ "component" NAME "roles" "tap,engine" "values" its values "data" a volume source, empty for a claim).
*/}}
{{- define "ringfence.pod" -}}
{{- $root := .root }}{{ $values := .values }}{{ $v := .root.Values }}
{{- $taps := contains "tap" .roles }}
{{- $ports := include "ringfence.tapPorts" $root | fromJson }}
{{- $sasl := include "ringfence.sasl" $root | fromJson }}
{{- $distributed := eq $v.mode "distributed" }}
{{- $selector := merge (dict "app.kubernetes.io/component" .component) (include "ringfence.selectorLabels" $root | fromYaml) }}
{{- $scheme := include "ringfence.httpScheme" (dict "root" $root "roles" .roles) }}
metadata:
  labels:
    {{- include "ringfence.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  annotations:
    # A changed configuration restarts the pods; packs are not in it, they are taken while running.
    checksum/config: {{ include "ringfence.config" $root | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "ringfence.serviceAccountName" $root }}
  automountServiceAccountToken: false
  {{- with $v.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with $v.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- if $values.hostNetwork }}
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  {{- with $v.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    - {{- toYaml (mergeOverwrite (deepCopy .) (dict "labelSelector" (dict "matchLabels" $selector))) | nindent 6 }}
    {{- end }}
  {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: ringfence
      image: {{ include "ringfence.image" $root }}
      imagePullPolicy: {{ $v.image.pullPolicy }}
      args: [run, --config, /etc/ringfence/ringfence.yaml, --roles, {{ .roles | quote }}]
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      ports:
        - { name: http, containerPort: 9464, protocol: TCP }
        {{- if $taps }}
        {{- range $ports.udp }}
        - { name: udp-{{ . }}, containerPort: {{ . }}, protocol: UDP }
        {{- end }}
        {{- range $ports.tcp }}
        - { name: tcp-{{ . }}, containerPort: {{ . }}, protocol: TCP }
        {{- end }}
        {{- end }}
      # Ready: taps listen, every partition is restored, the reputation view has caught up.
      startupProbe:
        httpGet: { path: /healthz, port: http, scheme: {{ $scheme }} }
        periodSeconds: 2
        failureThreshold: 60
      readinessProbe:
        httpGet: { path: /readyz, port: http, scheme: {{ $scheme }} }
        periodSeconds: 5
        timeoutSeconds: 3
      livenessProbe:
        httpGet: { path: /healthz, port: http, scheme: {{ $scheme }} }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      resources: {{- toYaml $values.resources | nindent 8 }}
      volumeMounts:
        - { name: config, mountPath: /etc/ringfence/ringfence.yaml, subPath: ringfence.yaml, readOnly: true }
        - { name: data, mountPath: /var/lib/ringfence }
        - { name: tmp, mountPath: /tmp }
        {{- range $name, $_ := $v.packs }}
        - { name: pack-{{ $name }}, mountPath: /etc/ringfence/packs/{{ $name }}, readOnly: true }
        {{- end }}
        {{- range $name, $_ := $v.secretMounts }}
        - { name: secret-{{ $name }}, mountPath: /etc/ringfence/secrets/{{ $name }}, readOnly: true }
        {{- end }}
        {{- if and $distributed (ne $sasl.mechanism "none") }}
        - { name: kafka-sasl, mountPath: /etc/ringfence/kafka/sasl, readOnly: true }
        {{- end }}
        {{- if and $distributed $v.kafka.tls.enabled $v.kafka.tls.existingSecret }}
        - { name: kafka-tls, mountPath: /etc/ringfence/kafka/tls, readOnly: true }
        {{- end }}
  volumes:
    - name: config
      configMap: { name: {{ include "ringfence.fullname" $root }}-config }
    - name: tmp
      emptyDir: { sizeLimit: 256Mi }
    {{- with .data }}
    - name: data
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- range $name, $files := $v.packs }}
    - name: pack-{{ $name }}
      configMap:
        name: {{ include "ringfence.fullname" $root }}-pack-{{ $name }}
        items:
          {{- range $path, $_ := $files }}
          - { key: {{ $path | replace "/" "__" }}, path: {{ $path }} }
          {{- end }}
    {{- end }}
    {{- range $name, $secret := $v.secretMounts }}
    - name: secret-{{ $name }}
      secret: { secretName: {{ $secret }}, defaultMode: 0440 }
    {{- end }}
    {{- if and $distributed (ne $sasl.mechanism "none") }}
    - name: kafka-sasl
      secret: { secretName: {{ $sasl.secret }}, defaultMode: 0440 }
    {{- end }}
    {{- if and $distributed $v.kafka.tls.enabled $v.kafka.tls.existingSecret }}
    - name: kafka-tls
      secret: { secretName: {{ $v.kafka.tls.existingSecret }}, defaultMode: 0440 }
    {{- end }}
{{- end }}

{{/* Selector of a component: (dict "root" $ "component" NAME). */}}
{{- define "ringfence.componentSelector" -}}
{{ include "ringfence.selectorLabels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end }}
