module.exports = require('./with-parts.cjs')
