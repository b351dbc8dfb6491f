import { ROOT_CONTEXT, type SpanContext, SpanKind, TraceFlags, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { type Static, Type } from '@sinclair/typebox'
import { createOtlpExporter } from './otlp-exporter.ts'

/** The `tracing` section of the configuration. */
export const tracingSchema = Type.Object(
  {
    endpoint: Type.String({
      default: '',
      description: 'base URL of an OTLP/HTTP collector, such as http://tempo:4318; empty traces nothing',
    }),
    ratio: Type.Number({
      default: 0.001,
      minimum: 0,
      maximum: 1,
      description: 'share of the activities that are traced, chosen at the tap',
    }),
  },
  { description: 'OpenTelemetry traces from tap to verdict, without numbers, addresses or text.' },
)

export type TracingOptions = Static<typeof tracingSchema>

/** Facts of a span; never a number, an address or a Call-ID. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>

export interface Tracing {
  /**
   * A new trace for an activity, if it is one of those to be traced: its first span is what the tap did. Gives the trace
   * context for the record's header.
   */
  begin(startMs: number, endMs: number, facts: SpanFacts): string | undefined
  /** A span of the trace that a record belongs to. Gives the id of the trace; undefined when the header is none. */
  span(traceParent: string, name: string, startMs: number, endMs: number, facts: SpanFacts): string | undefined
  /** Sends what waits, or gives it up. Never rejects. */
  close(): Promise<void>
}

/** Traces by OpenTelemetry, or undefined when there is no collector. */
export function createTracing(
  options: TracingOptions,
  version: string,
  random: () => number = Math.random,
): Tracing | undefined {
  if (options.endpoint === '') return undefined
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'ringfence', 'service.version': version }),
    // Chosen once, at the tap: whoever continues a trace finds it sampled.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new BatchSpanProcessor(createOtlpExporter(options.endpoint))],
  })
  const tracer = provider.getTracer('ringfence', version)
  return {
    begin(startMs, endMs, facts) {
      if (random() >= options.ratio) return undefined
      const span = tracer.startSpan(
        'tap',
        { startTime: startMs, kind: SpanKind.PRODUCER, attributes: facts },
        ROOT_CONTEXT,
      )
      span.end(Math.max(startMs, endMs))
      const { traceId, spanId } = span.spanContext()
      return `00-${traceId}-${spanId}-01`
    },
    span(traceParent, name, startMs, endMs, facts) {
      const parent = contextOf(traceParent)
      if (parent === undefined) return undefined
      const context = trace.setSpanContext(ROOT_CONTEXT, parent)
      const span = tracer.startSpan(name, { startTime: startMs, kind: SpanKind.CONSUMER, attributes: facts }, context)
      span.end(Math.max(startMs, endMs))
      return parent.traceId
    },
    // A collector that is away must not keep the process from ending in order.
    close: () => provider.shutdown().catch(() => {}),
  }
}

/** W3C Trace Context clause 3.2: version, trace id, parent id, flags; undefined for what is not sampled or no such text. */
function contextOf(traceParent: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(traceParent) ?? []
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  if ((Number.parseInt(flags ?? '0', 16) & TraceFlags.SAMPLED) === 0) return undefined
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }
}
