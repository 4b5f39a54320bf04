#ifndef TOKMAN_EXPORT_H
#define TOKMAN_EXPORT_H

#if defined(__GNUC__)
#define TOKMAN_API __attribute__((visibility("default")))
#else
#define TOKMAN_API
#endif

#endif /* TOKMAN_EXPORT_H */
