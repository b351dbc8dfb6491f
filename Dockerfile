# syntax=docker/dockerfile:1
# Ringfence as a small image: compiled JavaScript and production dependencies only, run by an unprivileged user, with
# nothing to write outside /var/lib/ringfence, so that it works with a read-only root file system and no capabilities.
#
#   docker build -t ringfence .
#   docker run --rm --read-only --cap-drop ALL -v ringfence:/var/lib/ringfence --tmpfs /tmp \
#     -p 9060:9060/udp -p 9464:9464 ringfence
#
# The base is an argument, to be pinned by digest where builds must be repeatable:
#   docker build --build-arg NODE_IMAGE=node@sha256:… .
ARG NODE_IMAGE=node:20.20.2-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without install scripts: lmdb brings its binaries as packages, and `prepare` would build before the sources are here.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json LICENSE ./
COPY cli cli
COPY connectors connectors
COPY engine engine
COPY models models
COPY test/data test/data
RUN npm run build
# TensorFlow's native binding needs a download at install time that many networks refuse; the WASM back end serves without.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@tensorflow/tfjs-node
# What is inside, as CycloneDX: docker run --rm --entrypoint cat ringfence sbom.cdx.json. npm takes packages that are gone for
# missing as long as package.json names them, and with --omit=dev leaves out what both sides need.
RUN npm pkg delete devDependencies && npm sbom --sbom-format=cyclonedx > sbom.cdx.json

FROM ${NODE_IMAGE}
# glibc then asks for huge pages for what is large: the state of a million parties is judged a sixth faster (docs/benchmarks.md).
ENV NODE_ENV=production \
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1 \
    RINGFENCE_CONFIG=/etc/ringfence/ringfence.yaml \
    RINGFENCE_DATA=/var/lib/ringfence \
    RINGFENCE_SERVE_LISTEN=0.0.0.0:9464
WORKDIR /opt/ringfence
COPY --from=build /build/package.json /build/LICENSE /build/sbom.cdx.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --from=build /build/engine/packs engine/packs
COPY --from=build /build/models models
COPY --from=build /build/test/data test/data
# A capture server for agents, until a configuration of your own is mounted over it.
COPY <<'EOF' /etc/ringfence/ringfence.yaml
taps:
  - name: hep
    type: hep
    listen: udp://0.0.0.0:9060 tcp://0.0.0.0:9060
EOF
RUN mkdir -p /var/lib/ringfence && chown 10001:10001 /var/lib/ringfence
USER 10001:10001
VOLUME /var/lib/ringfence
# HEP from capture agents; HTTP with /metrics, /healthz, /readyz and the API.
EXPOSE 9060/udp 9060/tcp 9464/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# No shell and no init between: Node gets SIGTERM itself and shuts down in order.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["run"]
