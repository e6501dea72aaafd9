{{/* The pod of the Deployment and of the StatefulSet. */}}
{{- define "turnstile.pod" -}}
metadata:
  annotations:
    {{- if not .Values.existingConfigMap }}
    # A changed configuration replaces the workers.
    checksum/config: {{ toJson .Values.customConfig | sha256sum }}
    {{- end }}
    kubectl.kubernetes.io/default-container: turnstile
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "turnstile.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "turnstile.serviceAccount" . }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automountToken }}
  # A service of the name turnstile would set TURNSTILE_PORT, which is no option.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  dnsPolicy: {{ .Values.dnsPolicy }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  {{- with .Values.podPriorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- range $name, $value := dict "imagePullSecrets" .Values.image.pullSecrets "dnsConfig" .Values.dnsConfig "nodeSelector" .Values.nodeSelector "tolerations" .Values.tolerations "affinity" .Values.affinity "topologySpreadConstraints" .Values.topologySpreadConstraints "initContainers" .Values.initContainers }}
  {{- with $value }}
  {{ $name }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  containers:
    - name: turnstile
      image: {{ include "turnstile.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      {{- with .Values.command }}
      command:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      args:
        {{- default (list "run" "-c" "/etc/turnstile/turnstile.toml") .Values.args | toYaml | nindent 8 }}
      env:
        - name: TURNSTILE_HTTP_LISTEN
          value: {{ printf "%s:%v" .Values.http.listen .Values.http.port | quote }}
        {{- if .Values.hmacKey.existingSecret }}
        - name: TURNSTILE_PRIVACY_HMAC_KEY_FILE
          value: /etc/turnstile-key/{{ .Values.hmacKey.key }}
        {{- end }}
        {{- if .Values.staticMembership.enabled }}
        - name: TURNSTILE_WORKERS_ID
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        - name: TURNSTILE_KAFKA_CONSUMER_GROUP_INSTANCE_ID
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        {{- end }}
        {{- with .Values.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: http
          containerPort: {{ .Values.http.port }}
          protocol: TCP
      {{- range $name, $value := dict "livenessProbe" .Values.livenessProbe "readinessProbe" .Values.readinessProbe "startupProbe" .Values.startupProbe "lifecycle" .Values.lifecycle "resources" .Values.resources "securityContext" .Values.securityContext }}
      {{- with $value }}
      {{- $probe := . }}
      {{- if and (include "turnstile.tls" $) (hasKey . "httpGet") }}
      {{- $probe = merge (deepCopy .) (dict "httpGet" (dict "scheme" "HTTPS")) }}
      {{- end }}
      {{ $name }}:
        {{- toYaml $probe | nindent 8 }}
      {{- end }}
      {{- end }}
      volumeMounts:
        - name: config
          mountPath: /etc/turnstile
          readOnly: true
        {{- if .Values.hmacKey.existingSecret }}
        - name: key
          mountPath: /etc/turnstile-key
          readOnly: true
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ default (include "turnstile.fullname" .) .Values.existingConfigMap }}
    {{- with .Values.hmacKey }}
    {{- if .existingSecret }}
    - name: key
      secret:
        secretName: {{ .existingSecret }}
        defaultMode: 0440
        items:
          - {key: {{ .key | quote }}, path: {{ .key | quote }}}
    {{- end }}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
