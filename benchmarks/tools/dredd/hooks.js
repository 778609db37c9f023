// Additions to the document. Dredd sends one request for each documented status:
//  200  with the parameters' examples and the token of the command line;
//  401  the same without a token;
//  400, 403, 429, 503  are skipped: servers may differ in what they refuse, no token has lesser rights,
//  and a server is not busy on request.
// Bodies are judged by the contract's schemas (schemas.json, made from it). Without the schemas, Dredd
// would require every field of the examples in every response.
const fs = require('fs');
const hooks = require('hooks');

const schemas = JSON.parse(fs.readFileSync('schemas.json', 'utf8'));

hooks.beforeEach((transaction) => {
  const status = transaction.expected.statusCode;
  transaction.skip = !(status in schemas);
  if (transaction.skip) return;
  transaction.expected.bodySchema = JSON.stringify(schemas[status]);
  if (status === '401') delete transaction.request.headers['X-Authorization'];
});
