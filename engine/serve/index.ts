export { type HttpOptions, type HttpServer, serveHttp } from './http.ts'
