exports.who = 'part'
