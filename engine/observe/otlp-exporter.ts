import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'

const SUCCESS = 0
const FAILED = 1
const TIMEOUT_MS = 10_000

/**
 * Sends spans as OTLP/HTTP in JSON (opentelemetry-proto, trace/v1). OpenTelemetry's own exporter wants a newer Node and
 * brings protobuf with it; the JSON mapping is this page. A collector that is away costs the spans, nothing else.
 * @param endpoint base URL, as OTEL_EXPORTER_OTLP_ENDPOINT
 */
export function createOtlpExporter(endpoint: string): SpanExporter {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  const pending = new Set<Promise<void>>()
  return {
    export(spans, done) {
      const sent = post(url, spans).then(
        () => done({ code: SUCCESS }),
        (error: unknown) => done({ code: FAILED, error: error instanceof Error ? error : new Error(String(error)) }),
      )
      pending.add(sent)
      void sent.finally(() => pending.delete(sent))
    },
    async shutdown() {
      await Promise.all(pending)
    },
    async forceFlush() {
      await Promise.all(pending)
    },
  }
}

async function post(url: string, spans: readonly ReadableSpan[]): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(otlpJson(spans)),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
}

/** ExportTraceServiceRequest. Times are decimal text in nanoseconds, as 64-bit numbers are in proto3 JSON. */
function otlpJson(spans: readonly ReadableSpan[]): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes(spans[0]?.resource.attributes ?? {}) },
        scopeSpans: [{ scope: { name: 'ringfence' }, spans: spans.map(spanJson) }],
      },
    ],
  }
}

function spanJson(span: ReadableSpan): object {
  const { traceId, spanId } = span.spanContext()
  const parent = span.parentSpanContext?.spanId
  return {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name: span.name,
    // The API counts kinds from 0, the protocol from 1.
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: attributes(span.attributes),
    status: {},
  }
}

const nanoseconds = ([seconds, rest]: readonly [number, number]) =>
  String(BigInt(seconds) * 1_000_000_000n + BigInt(rest))

function attributes(facts: Readonly<Record<string, unknown>>): object[] {
  return Object.entries(facts).map(([key, value]) => ({ key, value: attribute(value) }))
}

function attribute(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  return { stringValue: String(value) }
}
