// feature: script · TypeScript and JavaScript
const url: string = '/echo?from=typescript'
export const config = { target: '{{ $env.TARGET }}', phases: [{ duration: 1, arrivalCount: 3 }] }
export const scenarios = [{ name: 'typed', flow: [{ get: { url, headers: { 'x-vu': '{{ $uuid }}' } } }] }]
