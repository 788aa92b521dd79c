exports.deliver = (to) => `delivered to ${to}`;
