import { describe, expect, test } from 'vitest'
import { readSettings } from './settings.ts'
import { refusePlainHttp, refusePlainMqtt, TLS_SETTINGS, tlsFilesOf } from './tls-settings.ts'

const files = (env: Record<string, string>) => tlsFilesOf(readSettings(TLS_SETTINGS, env))
const http = (env: Record<string, string>, speaksTls = false) =>
  refusePlainHttp(
    readSettings(['HYDRANT_HTTP_HOST', 'HYDRANT_ALLOW_PLAIN', 'HYDRANT_PUBLIC_URL', 'HYDRANT_TRUST_PROXY'], env),
    speaksTls,
  )
const mqtt = (env: Record<string, string>) =>
  refusePlainMqtt(readSettings(['HYDRANT_MQTT_HOST', 'HYDRANT_ALLOW_PLAIN'], env))

test('certificate and key belong together, and a client authority needs both', () => {
  expect(files({})).toBeUndefined()
  expect(files({ HYDRANT_TLS_CERT: 'c', HYDRANT_TLS_KEY: 'k' })).toEqual({ cert: 'c', key: 'k', clientCa: undefined })
  expect(() => files({ HYDRANT_TLS_CERT: 'c' })).toThrow(/not HYDRANT_TLS_KEY/)
  expect(() => files({ HYDRANT_TLS_KEY: 'k' })).toThrow(/not HYDRANT_TLS_CERT/)
  expect(() => files({ HYDRANT_TLS_CLIENT_CA: 'a' })).toThrow(/there is no certificate/)
})

describe('plain connections', () => {
  test('are for this machine; elsewhere somebody has to ask for them', () => {
    for (const host of ['127.0.0.1', '::1', 'localhost']) {
      expect(() => mqtt({ HYDRANT_MQTT_HOST: host })).not.toThrow()
      expect(() => http({ HYDRANT_HTTP_HOST: host })).not.toThrow()
    }
    for (const host of ['0.0.0.0', '::', '192.168.1.2', 'hydrant.example.cn']) {
      expect(() => mqtt({ HYDRANT_MQTT_HOST: host })).toThrow(/HYDRANT_ALLOW_PLAIN=1/)
      expect(() => http({ HYDRANT_HTTP_HOST: host })).toThrow(/HYDRANT_ALLOW_PLAIN=1/)
      expect(() => mqtt({ HYDRANT_MQTT_HOST: host, HYDRANT_ALLOW_PLAIN: '1' })).not.toThrow()
      expect(() => http({ HYDRANT_HTTP_HOST: host, HYDRANT_ALLOW_PLAIN: '1' })).not.toThrow()
    }
  })

  test('of the console are covered by its own TLS, and by a known proxy that people reach by https', () => {
    const everywhere = { HYDRANT_HTTP_HOST: '0.0.0.0' }
    const proxied = { ...everywhere, HYDRANT_PUBLIC_URL: 'https://hydrant.example.cn' }
    expect(() => http(everywhere, true)).not.toThrow()
    expect(() => http({ ...proxied, HYDRANT_TRUST_PROXY: '10.0.0.1' })).not.toThrow()
    expect(() => http(proxied)).toThrow(/HYDRANT_TRUST_PROXY/)
    expect(() =>
      http({ ...everywhere, HYDRANT_PUBLIC_URL: 'http://hydrant.example.cn', HYDRANT_TRUST_PROXY: '10.0.0.1' }),
    ).toThrow()
  })
})
